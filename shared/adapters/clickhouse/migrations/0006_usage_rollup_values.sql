-- What min, max, latest and unique_count need of each bucket, beside its counts and sums: as columns of the same tables,
-- for tables and views of their own would more than double the time of an insert. Minutes lack `latest`: where hardly two
-- events share a minute, their ids alone would be as large as `usage`.
-- First the columns, then the view that fills them, then the rows that are there already. A value folded in twice stays
-- as it is, so rows that come meanwhile may be seen by both, and a crash is repaired by running all of it again. Only
-- `rows` and `quantity` would count twice: what is filled in later adds 0 to both.
-- The defaults are what parts from before hold; they change nothing that they are merged with.
-- Nothing can be taken out of these values: hours with a row of sign -1 are read from `usage`.
-- Each view is renamed and back: a changed view goes by its name, not its UUID, until the next start. Both are part of the
-- tokens of its target, so that a token that comes before and after that start would count twice.
-- Rows are filled in as they are read, for to group them first takes memory without bound. Not deduplicated: a crash can
-- leave a block's hash in the log of the target without its rows.
RENAME TABLE IF EXISTS usage_minute_view_renamed TO usage_minute_view;

ALTER TABLE usage_minute
    ADD COLUMN IF NOT EXISTS min_quantity SimpleAggregateFunction(min, Nullable(Decimal(38, 12))),
    ADD COLUMN IF NOT EXISTS max_quantity SimpleAggregateFunction(max, Nullable(Decimal(38, 12))),
    -- By the hash that uniqExact, too, tells texts apart with: a key may be long.
    ADD COLUMN IF NOT EXISTS unique_hashes SimpleAggregateFunction(groupUniqArrayArray, Array(FixedString(16)));

ALTER TABLE usage_minute_view MODIFY QUERY
SELECT
    tenant,
    meter,
    generation,
    customer,
    dimensions,
    fromUnixTimestamp64Milli(
        toUnixTimestamp64Milli(time) - positiveModulo(toUnixTimestamp64Milli(time), 60000), 'UTC') AS bucket,
    sum(toInt64(sign)) AS rows,
    sum(toDecimal256(usage.quantity, 12) * sign) AS quantity,
    min(usage.quantity) AS min_quantity,
    max(usage.quantity) AS max_quantity,
    groupUniqArrayIf(sipHash128(unique_key), unique_key != '') AS unique_hashes
FROM usage
GROUP BY tenant, meter, generation, customer, dimensions, bucket;

RENAME TABLE usage_minute_view TO usage_minute_view_renamed;

RENAME TABLE usage_minute_view_renamed TO usage_minute_view;

INSERT INTO usage_minute
    (tenant, meter, generation, customer, dimensions, bucket, min_quantity, max_quantity, unique_hashes)
SELECT
    tenant,
    meter,
    generation,
    customer,
    dimensions,
    fromUnixTimestamp64Milli(
        toUnixTimestamp64Milli(time) - positiveModulo(toUnixTimestamp64Milli(time), 60000), 'UTC') AS bucket,
    quantity AS min_quantity,
    quantity AS max_quantity,
    if(unique_key = '', [], [sipHash128(unique_key)]) AS unique_hashes
FROM usage
SETTINGS deduplicate_insert_select = 'disable', max_partitions_per_insert_block = 0, max_execution_time = 0,
    optimize_on_insert = 1, max_threads = 1, min_insert_block_size_rows = 250000;

RENAME TABLE IF EXISTS usage_hour_view_renamed TO usage_hour_view;

ALTER TABLE usage_hour
    ADD COLUMN IF NOT EXISTS min_quantity SimpleAggregateFunction(min, Nullable(Decimal(38, 12))),
    ADD COLUMN IF NOT EXISTS max_quantity SimpleAggregateFunction(max, Nullable(Decimal(38, 12))),
    -- (ms, id, source, quantity): of several at one instant the greatest id, then the greatest source.
    ADD COLUMN IF NOT EXISTS latest SimpleAggregateFunction(max, Tuple(Int64, String, String, Decimal(38, 12)))
        DEFAULT (-9223372036854775808, '', '', 0),
    -- By the hash that uniqExact, too, tells texts apart with: a key may be long.
    ADD COLUMN IF NOT EXISTS unique_hashes SimpleAggregateFunction(groupUniqArrayArray, Array(FixedString(16)));

ALTER TABLE usage_hour_view MODIFY QUERY
SELECT
    tenant,
    meter,
    generation,
    customer,
    dimensions,
    fromUnixTimestamp64Milli(
        toUnixTimestamp64Milli(time) - positiveModulo(toUnixTimestamp64Milli(time), 3600000), 'UTC') AS bucket,
    sum(toInt64(sign)) AS rows,
    sum(toDecimal256(usage.quantity, 12) * sign) AS quantity,
    min(usage.quantity) AS min_quantity,
    max(usage.quantity) AS max_quantity,
    max((toUnixTimestamp64Milli(time), id, source, usage.quantity)) AS latest,
    groupUniqArrayIf(sipHash128(unique_key), unique_key != '') AS unique_hashes
FROM usage
GROUP BY tenant, meter, generation, customer, dimensions, bucket;

RENAME TABLE usage_hour_view TO usage_hour_view_renamed;

RENAME TABLE usage_hour_view_renamed TO usage_hour_view;

INSERT INTO usage_hour
    (tenant, meter, generation, customer, dimensions, bucket, min_quantity, max_quantity, latest, unique_hashes)
SELECT
    tenant,
    meter,
    generation,
    customer,
    dimensions,
    fromUnixTimestamp64Milli(
        toUnixTimestamp64Milli(time) - positiveModulo(toUnixTimestamp64Milli(time), 3600000), 'UTC') AS bucket,
    quantity AS min_quantity,
    quantity AS max_quantity,
    (toUnixTimestamp64Milli(time), id, source, quantity) AS latest,
    if(unique_key = '', [], [sipHash128(unique_key)]) AS unique_hashes
FROM usage
SETTINGS deduplicate_insert_select = 'disable', max_partitions_per_insert_block = 0, max_execution_time = 0,
    optimize_on_insert = 1, max_threads = 1, min_insert_block_size_rows = 250000;

RENAME TABLE IF EXISTS usage_day_view_renamed TO usage_day_view;

ALTER TABLE usage_day
    ADD COLUMN IF NOT EXISTS min_quantity SimpleAggregateFunction(min, Nullable(Decimal(38, 12))),
    ADD COLUMN IF NOT EXISTS max_quantity SimpleAggregateFunction(max, Nullable(Decimal(38, 12))),
    -- (ms, id, source, quantity): of several at one instant the greatest id, then the greatest source.
    ADD COLUMN IF NOT EXISTS latest SimpleAggregateFunction(max, Tuple(Int64, String, String, Decimal(38, 12)))
        DEFAULT (-9223372036854775808, '', '', 0),
    -- By the hash that uniqExact, too, tells texts apart with: a key may be long.
    ADD COLUMN IF NOT EXISTS unique_hashes SimpleAggregateFunction(groupUniqArrayArray, Array(FixedString(16)));

ALTER TABLE usage_day_view MODIFY QUERY
SELECT
    tenant,
    meter,
    generation,
    customer,
    dimensions,
    fromUnixTimestamp64Milli(
        toUnixTimestamp64Milli(time) - positiveModulo(toUnixTimestamp64Milli(time), 86400000), 'UTC') AS bucket,
    sum(toInt64(sign)) AS rows,
    sum(toDecimal256(usage.quantity, 12) * sign) AS quantity,
    min(usage.quantity) AS min_quantity,
    max(usage.quantity) AS max_quantity,
    max((toUnixTimestamp64Milli(time), id, source, usage.quantity)) AS latest,
    groupUniqArrayIf(sipHash128(unique_key), unique_key != '') AS unique_hashes
FROM usage
GROUP BY tenant, meter, generation, customer, dimensions, bucket;

RENAME TABLE usage_day_view TO usage_day_view_renamed;

RENAME TABLE usage_day_view_renamed TO usage_day_view;

INSERT INTO usage_day
    (tenant, meter, generation, customer, dimensions, bucket, min_quantity, max_quantity, latest, unique_hashes)
SELECT
    tenant,
    meter,
    generation,
    customer,
    dimensions,
    fromUnixTimestamp64Milli(
        toUnixTimestamp64Milli(time) - positiveModulo(toUnixTimestamp64Milli(time), 86400000), 'UTC') AS bucket,
    quantity AS min_quantity,
    quantity AS max_quantity,
    (toUnixTimestamp64Milli(time), id, source, quantity) AS latest,
    if(unique_key = '', [], [sipHash128(unique_key)]) AS unique_hashes
FROM usage
SETTINGS deduplicate_insert_select = 'disable', max_partitions_per_insert_block = 0, max_execution_time = 0,
    optimize_on_insert = 1, max_threads = 1, min_insert_block_size_rows = 250000;
