-- Totals of `usage` for each minute, hour and day in UTC. A view sees each inserted block once and its target
-- deduplicates by the token of that block, so every target needs the window, too.
-- Sums are Decimal(76,12): sums of Decimal(38,12) wrap silently. `rows` is the sum of signs.
-- Buckets are cut from milliseconds: toStartOfHour and its like answer a 32-bit DateTime, which wraps before 1970.
CREATE TABLE IF NOT EXISTS usage_minute
(
    tenant String,
    meter LowCardinality(String),
    generation UInt32,
    customer String,
    dimensions String,
    bucket DateTime64(3, 'UTC'),
    rows SimpleAggregateFunction(sum, Int64),
    quantity SimpleAggregateFunction(sum, Decimal(76, 12))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (tenant, meter, generation, customer, bucket, dimensions)
SETTINGS
    non_replicated_deduplication_window = 1000000,
    replicated_deduplication_window = 1000000,
    replicated_deduplication_window_seconds = 86400,
    fsync_after_insert = 1,
    fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS usage_minute_view TO usage_minute AS
SELECT
    tenant,
    meter,
    generation,
    customer,
    dimensions,
    fromUnixTimestamp64Milli(
        toUnixTimestamp64Milli(time) - positiveModulo(toUnixTimestamp64Milli(time), 60000), 'UTC') AS bucket,
    sum(toInt64(sign)) AS rows,
    sum(toDecimal256(usage.quantity, 12) * sign) AS quantity
FROM usage
GROUP BY tenant, meter, generation, customer, dimensions, bucket;

CREATE TABLE IF NOT EXISTS usage_hour
(
    tenant String,
    meter LowCardinality(String),
    generation UInt32,
    customer String,
    dimensions String,
    bucket DateTime64(3, 'UTC'),
    rows SimpleAggregateFunction(sum, Int64),
    quantity SimpleAggregateFunction(sum, Decimal(76, 12))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (tenant, meter, generation, customer, bucket, dimensions)
SETTINGS
    non_replicated_deduplication_window = 1000000,
    replicated_deduplication_window = 1000000,
    replicated_deduplication_window_seconds = 86400,
    fsync_after_insert = 1,
    fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS usage_hour_view TO usage_hour AS
SELECT
    tenant,
    meter,
    generation,
    customer,
    dimensions,
    fromUnixTimestamp64Milli(
        toUnixTimestamp64Milli(time) - positiveModulo(toUnixTimestamp64Milli(time), 3600000), 'UTC') AS bucket,
    sum(toInt64(sign)) AS rows,
    sum(toDecimal256(usage.quantity, 12) * sign) AS quantity
FROM usage
GROUP BY tenant, meter, generation, customer, dimensions, bucket;

CREATE TABLE IF NOT EXISTS usage_day
(
    tenant String,
    meter LowCardinality(String),
    generation UInt32,
    customer String,
    dimensions String,
    bucket DateTime64(3, 'UTC'),
    rows SimpleAggregateFunction(sum, Int64),
    quantity SimpleAggregateFunction(sum, Decimal(76, 12))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (tenant, meter, generation, customer, bucket, dimensions)
SETTINGS
    non_replicated_deduplication_window = 1000000,
    replicated_deduplication_window = 1000000,
    replicated_deduplication_window_seconds = 86400,
    fsync_after_insert = 1,
    fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS usage_day_view TO usage_day AS
SELECT
    tenant,
    meter,
    generation,
    customer,
    dimensions,
    fromUnixTimestamp64Milli(
        toUnixTimestamp64Milli(time) - positiveModulo(toUnixTimestamp64Milli(time), 86400000), 'UTC') AS bucket,
    sum(toInt64(sign)) AS rows,
    sum(toDecimal256(usage.quantity, 12) * sign) AS quantity
FROM usage
GROUP BY tenant, meter, generation, customer, dimensions, bucket;

