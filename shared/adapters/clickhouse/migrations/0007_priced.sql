-- One row a charge and segment: the absolute amount by all usage ahead of a fence. Of rows with the same key the one of
-- the greatest fence stands, and of one fence the one that was priced last: it knows the latest plans and ends.
-- The end of a segment is no part of the key, for it moves when a subscription is canceled or a version takes effect.
CREATE TABLE IF NOT EXISTS priced
(
    tenant String,
    customer String,
    subscription String,
    plan LowCardinality(String),
    charge LowCardinality(String),
    plan_version UInt32,
    segment_start DateTime64(3, 'UTC'),
    segment_end DateTime64(3, 'UTC'),
    period_start DateTime64(3, 'UTC'),
    period_end DateTime64(3, 'UTC'),
    quantity Decimal(76, 28),
    -- '' where nothing says in what is counted.
    unit LowCardinality(String),
    -- Before rounding to the currency.
    amount Decimal(76, 28),
    currency LowCardinality(String),
    -- 0 where no meter is asked.
    meter_version UInt32,
    fence UInt64,
    priced_at DateTime64(3, 'UTC'),
    -- False: the charge or its segment is gone, and nothing is due.
    in_force Bool,
    version UInt128 MATERIALIZED bitShiftLeft(toUInt128(fence), 64) + toUInt128(toUnixTimestamp64Milli(priced_at))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(segment_start)
ORDER BY (tenant, customer, subscription, segment_start, charge, plan_version)
SETTINGS
    non_replicated_deduplication_window = 1000000,
    replicated_deduplication_window = 1000000,
    replicated_deduplication_window_seconds = 86400,
    fsync_after_insert = 1,
    fsync_part_directory = 1;

-- Whose usage came in between two fences: granules of other times are left out. A mutation that runs again changes nothing.
ALTER TABLE usage ADD INDEX IF NOT EXISTS fence_index fence TYPE minmax GRANULARITY 1;

ALTER TABLE usage MATERIALIZE INDEX fence_index;
