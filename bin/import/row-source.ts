import type { JsonValue } from '../../shared/kernel/canonical-json.ts';
import type { FieldIssue } from '../../shared/kernel/errors.ts';
import type { Result } from '../../shared/kernel/result.ts';

export type FileFormat = 'csv' | 'ndjson';

/** What a row of the file says. */
export interface RowContent {
  /** The value under this name; undefined where the row has none. */
  field(name: string): JsonValue | undefined;
  /** The row as JSON text, digits as they are in the file; null where the format is another. */
  readonly json: string | null;
}

/** One row, broken ones included: they count, so that row numbers do not depend on what can be read. */
export interface SourceRow {
  /** From 0, without the header and empty lines. */
  readonly index: number;
  /** From 1: where the row begins. */
  readonly line: number;
  /** Bytes of the file up to the end of the row. */
  readonly endByte: number;
  readonly content: Result<RowContent, FieldIssue>;
}

export interface RowSource {
  /** The header of a CSV file, the names in the first readable object of an NDJSON file. */
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<SourceRow>;
}
