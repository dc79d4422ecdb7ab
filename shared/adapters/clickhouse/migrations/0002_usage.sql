-- One row an event and meter that counts it. Never replaced: a correction is a further row with sign -1.
CREATE TABLE IF NOT EXISTS usage
(
    tenant String,
    chunk String,
    fence UInt64,
    revision UInt64,
    row_hash UInt64,
    meter LowCardinality(String),
    meter_version UInt32,
    generation UInt32,
    customer String,
    -- Canonical JSON (RFC 8785), string to string.
    dimensions String,
    time DateTime64(3, 'UTC'),
    source String,
    id String,
    quantity Decimal(38, 12),
    -- What unique_count counts, else ''.
    unique_key String,
    sign Int8,
    CONSTRAINT sign_is_one CHECK sign IN (1, -1),
    INDEX id_index id TYPE bloom_filter GRANULARITY 1,
    INDEX chunk_index chunk TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (tenant, meter, generation, customer, time, source, id)
SETTINGS
    non_replicated_deduplication_window = 1000000,
    replicated_deduplication_window = 1000000,
    replicated_deduplication_window_seconds = 86400,
    fsync_after_insert = 1,
    fsync_part_directory = 1;
