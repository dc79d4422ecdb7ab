-- One row a resend of an event that another delivery owns; `differs`: its payload is another one, a conflict.
CREATE TABLE IF NOT EXISTS resends
(
    tenant String,
    chunk String,
    fence UInt64,
    revision UInt64,
    row_hash UInt64,
    source String,
    id String,
    owner_chunk String,
    differs Bool,
    type LowCardinality(String),
    customer_reference String,
    time DateTime64(3, 'UTC'),
    time_sent Bool,
    received_at DateTime64(3, 'UTC'),
    properties String CODEC(ZSTD(1)),
    fingerprint String,
    owner_fingerprint String,
    INDEX id_index id TYPE bloom_filter GRANULARITY 1,
    INDEX chunk_index chunk TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (tenant, differs, received_at, source, id)
SETTINGS
    non_replicated_deduplication_window = 1000000,
    replicated_deduplication_window = 1000000,
    replicated_deduplication_window_seconds = 86400,
    fsync_after_insert = 1,
    fsync_part_directory = 1;
