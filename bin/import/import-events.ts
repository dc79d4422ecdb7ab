import { ok, type Result } from '../../shared/kernel/result.ts';
import type { CliError } from '../cli-error.ts';
import { failedRow } from './dry-run.ts';
import type { ErrorsFile, FailedRow } from './errors-file.ts';
import { type Journal, writeJournal } from './journal.ts';
import type { PreparedRow } from './prepare-rows.ts';
import type { Refusal } from './send-events.ts';

interface ImportEventsInput {
  readonly steps: AsyncIterable<readonly PreparedRow[]>;
  readonly send: (events: readonly string[]) => Promise<Result<readonly Refusal[], CliError>>;
  readonly journal: Journal;
  readonly journalPath: string;
  readonly errors: ErrorsFile | null;
  readonly onFailed: (rows: readonly FailedRow[]) => void;
  readonly onStep: (last: PreparedRow) => void;
}

/**
 * Sends step after step; each is in the journal, with its errors listed before, when the next one begins. So a run
 * that is killed leaves at most one request that the next run sends again.
 */
export async function importEvents(input: ImportEventsInput): Promise<Result<Journal, CliError>> {
  let { journal } = input;
  for await (const step of input.steps) {
    const settled = await settleStep(input, step, journal);
    if (!settled.ok) return settled;
    journal = settled.value;
    const last = step.at(-1);
    if (last !== undefined) input.onStep(last);
  }
  const done = { ...journal, isDone: true };
  const written = await writeJournal(input.journalPath, done);
  return written.ok ? ok(done) : written;
}

async function settleStep(
  input: ImportEventsInput,
  step: readonly PreparedRow[],
  before: Journal,
): Promise<Result<Journal, CliError>> {
  const sent = step.filter(({ event }) => event.ok);
  const refusals = await input.send(sent.flatMap(({ event }) => (event.ok ? [event.value] : [])));
  if (!refusals.ok) return refusals;
  const byRow = new Map(sent.map((row, position) => [row, refusals.value[position] ?? null]));
  const failed = step.flatMap((row) => failure(row, byRow.get(row) ?? null));
  const listed = await input.errors?.append(failed);
  if (listed?.ok === false) return listed;
  input.onFailed(failed);
  const journal = {
    ...before,
    rows: before.rows + step.length,
    accepted: before.accepted + step.length - failed.length,
    failed: before.failed + failed.length,
    errorsBytes: input.errors?.bytes ?? 0,
  };
  const written = await writeJournal(input.journalPath, journal);
  return written.ok ? ok(journal) : written;
}

function failure(row: PreparedRow, refusal: Refusal): readonly FailedRow[] {
  if (!row.event.ok) return [failedRow(row, row.event.error)];
  return refusal === null ? [] : [{ row: row.index + 1, line: row.line, ...refusal }];
}
