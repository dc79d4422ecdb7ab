import { parseEvent } from '../../shared/app/ingest/parse-event.ts';
import type { FieldIssue } from '../../shared/kernel/errors.ts';
import { parseJsonExactly } from '../../shared/kernel/json-source.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { parseInstant } from '../../shared/kernel/time.ts';
import type { FailedRow } from './errors-file.ts';
import type { PreparedRow } from './prepare-rows.ts';

const SHOWN_EVENTS = 3;

interface DryRun {
  /** JSON texts of the first events. */
  readonly first: readonly string[];
  readonly rows: number;
  readonly failed: number;
}

/**
 * Maps and checks every row as the server would, but for the range of `time`, which depends on the clock of the
 * tenant, and the age of ids, which depends on when they are sent. Sends nothing.
 */
export async function dryRun(input: {
  readonly steps: AsyncIterable<readonly PreparedRow[]>;
  readonly onFailed: (rows: readonly FailedRow[]) => void;
  readonly onStep: (last: PreparedRow) => void;
}): Promise<DryRun> {
  let rows = 0;
  let failed = 0;
  const first: string[] = [];
  for await (const step of input.steps) {
    for (const row of step) {
      const checked = row.event.ok ? checkEvent(row.event.value) : row.event;
      rows += 1;
      if (checked.ok && first.length < SHOWN_EVENTS) first.push(checked.value);
      if (checked.ok) continue;
      failed += 1;
      input.onFailed([failedRow(row, checked.error)]);
    }
    const last = step.at(-1);
    if (last !== undefined) input.onStep(last);
  }
  return { first, rows, failed };
}

export function failedRow(
  row: Pick<PreparedRow, 'index' | 'line'>,
  { path, code, message }: FieldIssue,
): FailedRow {
  return { row: row.index + 1, line: row.line, code, field: path, message };
}

function checkEvent(text: string): Result<string, FieldIssue> {
  const parsed = parseJsonExactly(text);
  if (!parsed.ok) return err({ path: '', code: parsed.error.code, message: parsed.error.detail });
  const [inexact] = parsed.value.numberIssues;
  if (inexact !== undefined) {
    const code = inexact.kind === 'unsafe_integer' ? 'event.unsafe_integer' : 'event.number_out_of_range';
    return err({ path: inexact.path.join('.'), code, message: `send ${inexact.source} as a string` });
  }
  const { value } = parsed.value;
  const event = parseEvent({ value, nowMs: claimedTimeMs(value), window: { receivedAtMs: 0 } });
  return event.ok ? ok(text) : event;
}

/** The time that the event names, so that it is never too old or too new. */
function claimedTimeMs(value: unknown): number {
  const time = typeof value === 'object' && value !== null && 'time' in value ? value.time : undefined;
  const instant = typeof time === 'string' ? parseInstant(time) : null;
  return instant?.ok === true ? instant.value : 0;
}
