-- One row an accepted event that is not a resend. Replacing only guards reads against a repair that ran twice:
-- an event's place in the order never changes, so equal keys are the same event.
-- The windows let a token be known for 24 hours; without them inserts on plain MergeTree are never deduplicated.
-- Both fsync settings: an acknowledged insert survives the loss of power.
CREATE TABLE IF NOT EXISTS events
(
    tenant String,
    chunk String,
    fence UInt64,
    revision UInt64,
    row_hash UInt64,
    source String,
    id String,
    type LowCardinality(String),
    -- '' while unattributed.
    customer String,
    customer_reference String,
    time DateTime64(3, 'UTC'),
    time_sent Bool,
    received_at DateTime64(3, 'UTC'),
    properties String CODEC(ZSTD(1)),
    fingerprint String,
    status LowCardinality(String),
    reason LowCardinality(String),
    INDEX id_index id TYPE bloom_filter GRANULARITY 1,
    INDEX chunk_index chunk TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (tenant, customer, type, time, source, id)
SETTINGS
    non_replicated_deduplication_window = 1000000,
    replicated_deduplication_window = 1000000,
    replicated_deduplication_window_seconds = 86400,
    fsync_after_insert = 1,
    fsync_part_directory = 1;
