-- One row an event and meter that found it wrong, or (meter '') a record that cannot be read at all.
CREATE TABLE IF NOT EXISTS quarantine
(
    tenant String,
    chunk String,
    fence UInt64,
    revision UInt64,
    row_hash UInt64,
    entry String,
    meter LowCardinality(String),
    source String,
    id String,
    customer String,
    type LowCardinality(String),
    time DateTime64(3, 'UTC'),
    received_at DateTime64(3, 'UTC'),
    code LowCardinality(String),
    message String,
    content String CODEC(ZSTD(1)),
    INDEX id_index id TYPE bloom_filter GRANULARITY 1,
    INDEX chunk_index chunk TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (tenant, received_at, entry, meter)
SETTINGS
    non_replicated_deduplication_window = 1000000,
    replicated_deduplication_window = 1000000,
    replicated_deduplication_window_seconds = 86400,
    fsync_after_insert = 1,
    fsync_part_directory = 1;
