import { sha256Hex } from '../../shared/kernel/hash.ts';
import { ok, type Result } from '../../shared/kernel/result.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { CliError, ExitCode } from '../cli-error.ts';
import { grouped, oneLine, type Terminal } from '../terminal.ts';
import { dryRun } from './dry-run.ts';
import { openErrorsFile } from './errors-file.ts';
import { problemList } from './failed-rows.ts';
import { type FileIdentity, identifyFile } from './file-identity.ts';
import { importEvents } from './import-events.ts';
import type { ImportOptions } from './import-options.ts';
import { type Journal, keyFingerprint, newJournal, readJournal } from './journal.ts';
import { openSource } from './open-source.ts';
import { postEventsTo } from './post-events.ts';
import { createPrepareRow, inSteps, type PreparedRow } from './prepare-rows.ts';
import { createProgress, type Progress } from './progress.ts';
import { sendEvents } from './send-events.ts';

interface ImportDeps {
  readonly terminal: Terminal;
  readonly clock: Clock;
}

type Outcome = Promise<Result<ExitCode, CliError>>;

/** Sends the events of a file. 0 when all were accepted, in this run and those before it, else 1. */
export async function runImport(deps: ImportDeps, options: ImportOptions): Outcome {
  const file = await identifyFile(options.file);
  if (!file.ok) return file;
  const found = await findJournal(options, file.value);
  if (!found.ok) return found;
  if (found.value.isDone) return ok(tellAlreadyDone(deps.terminal, options, found.value));
  const progress = createProgress({ ...deps, isQuiet: options.isQuiet, totalBytes: file.value.bytes });
  try {
    const sent = await sendAll({ deps, options, file: file.value, journal: found.value, progress });
    progress.stop();
    if (!sent.ok) return sent;
    deps.terminal.out(summary(sent.value));
    return ok(sent.value.failed === 0 ? 0 : 1);
  } finally {
    progress.stop();
  }
}

/** Reads, maps and checks the file and sends nothing. 0 when every row can be sent, else 1. */
export async function runDryImport(deps: ImportDeps, options: Omit<ImportOptions, 'key'>): Outcome {
  const file = await identifyFile(options.file);
  if (!file.ok) return file;
  const steps = await openSteps(options, file.value, 0);
  if (!steps.ok) return steps;
  const progress = createProgress({ ...deps, isQuiet: options.isQuiet, totalBytes: file.value.bytes });
  try {
    const onFailed = problemList({ progress, errorsPath: null });
    const { first, rows, failed } = await dryRun({ steps: steps.value, onFailed, onStep: advance(progress) });
    progress.stop();
    const shown = first.map((event) => `${event}\n`).join('');
    deps.terminal.out(`${shown}${table({ rows, 'can be sent': rows - failed, failed })}nothing was sent\n`);
    return ok(failed === 0 ? 0 : 1);
  } finally {
    progress.stop();
  }
}

async function openSteps(
  options: Omit<ImportOptions, 'key'>,
  file: FileIdentity,
  fromRow: number,
): Promise<Result<AsyncIterable<readonly PreparedRow[]>, CliError>> {
  const { format, delimiter, maps } = options;
  const source = await openSource({ path: options.file, bytes: file.bytes, format, delimiter });
  if (!source.ok) return source;
  const prepare = createPrepareRow({ maps, format, source: source.value });
  if (!prepare.ok) return prepare;
  const { rows } = source.value;
  return ok(inSteps({ rows, prepare: prepare.value, fromRow, eventsMax: options.batchSize }));
}

async function findJournal(options: ImportOptions, file: FileIdentity): Promise<Result<Journal, CliError>> {
  const { format, delimiter, maps } = options;
  const binding = {
    fileBytes: file.bytes,
    fileModifiedMs: file.modifiedMs,
    fileHead: file.headHash,
    url: options.url,
    mapping: sha256Hex(JSON.stringify([format, delimiter, maps])),
    key: keyFingerprint(options.key),
  };
  if (options.restart) return ok(newJournal(binding));
  const found = await readJournal(options.state, binding);
  return found.ok ? ok(found.value ?? newJournal(binding)) : found;
}

async function sendAll(input: {
  readonly deps: ImportDeps;
  readonly options: ImportOptions;
  readonly file: FileIdentity;
  readonly journal: Journal;
  readonly progress: Progress;
}): Promise<Result<Journal, CliError>> {
  const { deps, options, journal, progress } = input;
  const steps = await openSteps(options, input.file, journal.rows);
  if (!steps.ok) return steps;
  const errors =
    options.errors === null ? ok(null) : await openErrorsFile(options.errors, journal.errorsBytes);
  if (!errors.ok) return errors;
  if (journal.rows > 0)
    progress.note(`going on at row ${grouped(journal.rows + 1)} (state: ${options.state})`);
  const send = sendEvents({
    post: postEventsTo(options),
    clock: deps.clock,
    onPause: ({ why, attempt, pauseMs }) =>
      progress.note(`${oneLine(why)}: trying again in ${pauseMs / 1_000} s (attempt ${attempt + 1})`),
  });
  try {
    return await importEvents({
      steps: steps.value,
      send,
      journal,
      journalPath: options.state,
      errors: errors.value,
      onFailed: problemList({ progress, errorsPath: options.errors }),
      onStep: advance(progress),
    });
  } finally {
    await errors.value?.close();
  }
}

function advance(progress: Progress): (last: PreparedRow) => void {
  return ({ endByte, index }) => progress.advance({ bytes: endByte, rows: index + 1 });
}

function tellAlreadyDone(terminal: Terminal, options: ImportOptions, journal: Journal): ExitCode {
  terminal.out(summary(journal));
  terminal.out(
    `already imported, nothing was sent; --restart sends all rows again (state: ${options.state})\n`,
  );
  return journal.failed === 0 ? 0 : 1;
}

function summary({ rows, accepted, failed }: Journal): string {
  return table({ rows, accepted, failed });
}

function table(counts: Readonly<Record<string, number>>): string {
  const names = Object.keys(counts);
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => `${name.padEnd(width)}  ${grouped(counts[name] ?? 0)}\n`).join('');
}
