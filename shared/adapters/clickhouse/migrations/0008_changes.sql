-- What became of events after they were counted: corrections, and what jobs did. One row a change.
CREATE TABLE IF NOT EXISTS changes
(
    tenant String,
    chunk String,
    fence UInt64,
    revision UInt64,
    row_hash UInt64,
    source String,
    id String,
    link UInt64,
    correction UInt32,
    action LowCardinality(String),
    status LowCardinality(String),
    reason String,
    job String,
    fingerprint String,
    -- When the change was received.
    time DateTime64(3, 'UTC'),
    -- Canonical JSON of the amended event, else ''.
    payload String CODEC(ZSTD(1)),
    INDEX id_index id TYPE bloom_filter GRANULARITY 1,
    INDEX chunk_index chunk TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (tenant, time, source, id, link)
SETTINGS
    non_replicated_deduplication_window = 1000000,
    replicated_deduplication_window = 1000000,
    replicated_deduplication_window_seconds = 86400,
    fsync_after_insert = 1,
    fsync_part_directory = 1;
-- An event may have several rows now; in the order, so that a merge never takes one for another.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS link UInt64,
    MODIFY ORDER BY (tenant, customer, type, time, source, id, link);
ALTER TABLE events ADD INDEX IF NOT EXISTS link_index link TYPE minmax GRANULARITY 1;
