import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { sha256Hex } from '../../shared/kernel/hash.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { type CliError, cliError } from '../cli-error.ts';
import { systemReason } from './file-identity.ts';

const count = z.int().nonnegative();

/** What an import did so far. All rows before `rows` are settled: accepted, or refused for good. */
const journalSchema = z.strictObject({
  v: z.literal(1),
  /** Names of what must be the same for the rest to mean anything; hashes where it is secret or long. */
  binding: z.strictObject({
    fileBytes: count,
    fileModifiedMs: z.int(),
    fileHead: z.string(),
    url: z.string(),
    mapping: z.string(),
    key: z.string(),
  }),
  rows: count,
  accepted: count,
  failed: count,
  /** Length of the file of errors, so that a step that is done again does not list its errors twice. */
  errorsBytes: count,
  isDone: z.boolean(),
});

export type Journal = Readonly<z.output<typeof journalSchema>>;
export type JournalBinding = Journal['binding'];

const BINDING_NAMES: Readonly<Record<keyof JournalBinding, string>> = {
  fileBytes: 'the file changed',
  fileModifiedMs: 'the file changed',
  fileHead: 'the file changed',
  url: 'it went to another URL',
  mapping: 'its --map or format was another',
  key: 'it used another key',
};

export function newJournal(binding: JournalBinding): Journal {
  return { v: 1, binding, rows: 0, accepted: 0, failed: 0, errorsBytes: 0, isDone: false };
}

/** Enough of a hash to tell keys apart, too little to look one up. */
export function keyFingerprint(key: string): string {
  return sha256Hex(`countinghouse import ${key}`).slice(0, 16);
}

/**
 * The journal of this very import, null when there is none. Error `import.other_state` when it is of another one:
 * then nobody can tell which rows were sent.
 */
export async function readJournal(
  path: string,
  binding: JournalBinding,
): Promise<Result<Journal | null, CliError>> {
  const text = await readText(path);
  if (!text.ok || text.value === null) return text.ok ? ok(null) : text;
  const parsed = parseJournal(text.value);
  if (parsed === null) return otherState(`${path} is not the state of an import`);
  const names = Object.keys(BINDING_NAMES) as (keyof JournalBinding)[];
  const changed = names.find((name) => parsed.binding[name] !== binding[name]);
  if (changed === undefined) return ok(parsed);
  return otherState(`${path} is the state of another import: ${BINDING_NAMES[changed]}`);
}

function parseJournal(text: string): Journal | null {
  try {
    return journalSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

async function readText(path: string): Promise<Result<string | null, CliError>> {
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return ok(null);
    const message = `${path}: ${systemReason(thrown)}`;
    return err(cliError({ exitCode: 2, code: 'cli.file_unusable', message }));
  }
}

function otherState(message: string): Result<never, CliError> {
  const hint = '--restart sends all rows again, which counts none twice as long as the ids stay the same';
  return err(cliError({ exitCode: 2, code: 'import.other_state', message, hint }));
}

/** Durable when it resolves; after a crash at any moment the file is the old or the new one, whole. */
export async function writeJournal(path: string, journal: Journal): Promise<Result<void, CliError>> {
  try {
    const temporary = `${path}.tmp`;
    {
      await using file = await open(temporary, 'w');
      await file.writeFile(`${JSON.stringify(journal)}\n`);
      await file.sync();
    }
    await rename(temporary, path);
    await using folder = await open(dirname(path), 'r');
    await folder.sync();
    return ok(undefined);
  } catch (thrown) {
    const message = `${path}: ${systemReason(thrown)}`;
    const hint = '--state FILE keeps the state elsewhere';
    return err(cliError({ exitCode: 3, code: 'cli.file_unusable', message, hint }));
  }
}
