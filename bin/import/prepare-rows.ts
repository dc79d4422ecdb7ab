import { defined } from '../../shared/kernel/assert.ts';
import type { FieldIssue } from '../../shared/kernel/errors.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { type CliError, usageError } from '../cli-error.ts';
import { mapRow } from './map-row.ts';
import { parseMappings } from './mapping.ts';
import type { FileFormat, RowSource, SourceRow } from './row-source.ts';

/** `{"events":[` and `]}`. */
const FRAME_BYTES = 13;

/** A row and the JSON text of its event, or what is wrong with it. */
export interface PreparedRow {
  readonly index: number;
  readonly line: number;
  readonly endByte: number;
  readonly event: Result<string, FieldIssue>;
}

export type PrepareRow = (row: SourceRow) => PreparedRow;

/** Without any `--map` the lines of an NDJSON file are events as they are, to the last digit. */
export function createPrepareRow(input: {
  readonly maps: readonly string[];
  readonly format: FileFormat;
  readonly source: RowSource;
}): Result<PrepareRow, CliError> {
  const { maps, format, source } = input;
  if (maps.length === 0 && format === 'csv') {
    const hint = `the file has the columns: ${source.columns.slice(0, 20).join(', ')}`;
    return err(usageError('a CSV file needs --map for id, type and customer', hint));
  }
  const mappings = maps.length === 0 ? null : parseMappings(maps, { format, names: source.columns });
  if (mappings !== null && !mappings.ok) return mappings;
  return ok((row) => {
    const { index, line, endByte, content } = row;
    if (!content.ok) return { index, line, endByte, event: content };
    const event =
      mappings === null
        ? asItIs(defined(content.value.json, 'the line'))
        : mapRow(mappings.value, { index, content: content.value });
    return { index, line, endByte, event };
  });
}

function asItIs(line: string): Result<string, FieldIssue> {
  if (Buffer.byteLength(line) <= LIMITS.requestBodyBytes - FRAME_BYTES) return ok(line);
  const message = `no request can carry a line of more than ${LIMITS.requestBodyBytes} bytes`;
  return err({ path: '', code: 'event.too_large', message });
}

/** Rows that are settled together: what one request can carry, and the broken rows between. */
export async function* inSteps(input: {
  readonly rows: AsyncIterable<SourceRow>;
  readonly prepare: PrepareRow;
  /** Rows before this one are settled. */
  readonly fromRow: number;
  readonly eventsMax: number;
}): AsyncGenerator<readonly PreparedRow[]> {
  let step: PreparedRow[] = [];
  let events = 0;
  let bytes = FRAME_BYTES;
  for await (const row of input.rows) {
    if (row.index < input.fromRow) continue;
    const prepared = input.prepare(row);
    const eventBytes = prepared.event.ok ? Buffer.byteLength(prepared.event.value) + 1 : 0;
    const isFull =
      events === input.eventsMax ||
      step.length === LIMITS.importStepRows ||
      bytes + eventBytes > LIMITS.requestBodyBytes;
    if (isFull && step.length > 0) {
      yield step;
      step = [];
      events = 0;
      bytes = FRAME_BYTES;
    }
    step.push(prepared);
    events += prepared.event.ok ? 1 : 0;
    bytes += eventBytes;
  }
  if (step.length > 0) yield step;
}
