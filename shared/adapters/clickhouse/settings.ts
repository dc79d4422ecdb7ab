import type { ClickHouseSettings } from '@clickhouse/client';

const MIB = 1024 * 1024;

/** On one connection every statement names all settings it depends on: embedded, they outlive the statement. */
export const READ_SETTINGS: ClickHouseSettings = {
  // Unquoted 64-bit integers are rounded by JSON.parse.
  output_format_json_quote_64bit_integers: 1,
  max_memory_usage: String(1024 * MIB),
  max_bytes_before_external_group_by: String(256 * MIB),
  max_bytes_before_external_sort: String(256 * MIB),
  max_execution_time: 60,
};

/** One insert is one block, written at once, and known by its token in the table and in the target of each view. */
export const INSERT_SETTINGS: ClickHouseSettings = {
  async_insert: 0,
  insert_deduplicate: 1,
  // Overrides the one above.
  deduplicate_insert: 'enable',
  deduplicate_blocks_in_dependent_materialized_views: 1,
  materialized_views_ignore_errors: 0,
  // Rows are cut into blocks at these sizes and by parallel parsers; each block would need a token of its own.
  max_insert_block_size: '100000000',
  input_format_parallel_parsing: 0,
  max_insert_threads: '1',
  // A row that does not fit the table is refused as it is.
  input_format_skip_unknown_fields: 0,
  input_format_null_as_default: 0,
  date_time_input_format: 'basic',
};

/** 24 hours and a million blocks, on tables with and without replication. */
export const TABLE_SETTINGS: Readonly<Record<string, string>> = {
  non_replicated_deduplication_window: '1000000',
  replicated_deduplication_window: '1000000',
  replicated_deduplication_window_seconds: '86400',
  fsync_after_insert: '1',
  fsync_part_directory: '1',
};

/** Every table that is inserted into, targets of views included. */
export const GUARDED_TABLES: readonly string[] = [
  'events',
  'usage',
  'usage_minute',
  'usage_hour',
  'usage_day',
  'resends',
  'quarantine',
  'changes',
  'priced',
  'schema_migrations',
];
