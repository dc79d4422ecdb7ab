import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { type CliError, usageError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import type { ImportOptions } from '../import/import-options.ts';
import type { FileFormat } from '../import/row-source.ts';
import { runDryImport, runImport } from '../import/run-import.ts';
import { DEFAULT_URL, readKey, readUrl } from '../server-options.ts';

const FORMATS: Readonly<Record<string, FileFormat>> = {
  '.csv': 'csv',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
};

const EXAMPLE = `
A value of --map is a column by its name, "text", or text with {column}, {row} (from 0), {row % 5} and
{pick(row, a, b, c)} in it. It may end in :string, :number or :boolean, for time in :epoch_ms or :epoch_s.
Numbers of a CSV file become numbers where JSON carries them exactly. Time without an offset is UTC.

  countinghouse events import trace.csv --map 'id=conv-{row}' --map type=llm.request \\
    --map 'customer={pick(row, acme, globex, initech)}' --map time=TIMESTAMP \\
    --map properties.input_tokens=ContextTokens

Interrupted at any moment, the same command goes on where it stopped. Exit code 0: all accepted, 1: some rows
failed, 2: wrong usage, 3: stopped by the server, the network or a disk.
`;

interface Flags {
  readonly map: readonly string[];
  readonly format?: FileFormat;
  readonly delimiter: string;
  readonly url?: string;
  readonly key?: string;
  readonly state?: string;
  readonly errors?: string;
  readonly batchSize: number;
  readonly restart: boolean;
  readonly dryRun: boolean;
  readonly quiet: boolean;
}

export function importCommand(ctx: CommandContext): Command {
  return new Command('import')
    .summary('send the events of a CSV or NDJSON file')
    .description('Sends the events of a CSV or NDJSON file, each counted once however often it is run.')
    .argument('<file>', 'a CSV file with a header, or one JSON object a line')
    .option('--map <target=value>', 'what fills a field of the event; repeat it', collect, [])
    .addOption(new Option('--format <format>', 'instead of the extension').choices(['csv', 'ndjson']))
    .option('--delimiter <character>', 'between the cells of a CSV file; `tab` for tabs', toDelimiter, ',')
    .option('--url <url>', `the server (COUNTINGHOUSE_URL, else ${DEFAULT_URL})`)
    .option('--key <key>', 'an API key with the scope events:write (COUNTINGHOUSE_KEY)')
    .option('--dry-run', 'map and check everything, send nothing', false)
    .option('--errors <file>', 'list every failed row there, as NDJSON')
    .option('--state <file>', 'where it keeps how far it came (<file>.import.json)')
    .option('--restart', 'begin anew, whatever was sent before', false)
    .option('--batch-size <events>', 'events a request', toBatchSize, LIMITS.importRequestEvents)
    .option('--quiet', 'show failed rows and errors only', false)
    .addHelpText('after', EXAMPLE)
    .action(async (file: string, flags: Flags) => ctx.finish(await run(ctx, file, flags)));
}

async function run(ctx: CommandContext, file: string, flags: Flags) {
  const checked = toOptions(file, flags, ctx.env);
  if (!checked.ok) return checked;
  if (flags.dryRun) return runDryImport(ctx, checked.value);
  const key = readKey(flags.key, ctx.env);
  return key.ok ? runImport(ctx, { ...checked.value, key: key.value }) : key;
}

function toOptions(
  file: string,
  flags: Flags,
  env: CommandContext['env'],
): Result<Omit<ImportOptions, 'key'>, CliError> {
  const format = flags.format ?? FORMATS[path.extname(file).toLowerCase()];
  if (format === undefined) {
    return err(
      usageError(
        `${file} is neither .csv nor .ndjson`,
        'say what it is with --format csv or --format ndjson',
      ),
    );
  }
  const url = readUrl(flags.url, env);
  if (!url.ok) return url;
  const state = flags.state ?? `${file}.import.json`;
  const errors = flags.errors ?? null;
  const places = [file, state, ...(errors === null ? [] : [errors])].map((place) => path.resolve(place));
  if (new Set(places).size < places.length) {
    return err(usageError('the file, --state and --errors must be different files'));
  }
  const { map: maps, delimiter, batchSize, restart, quiet: isQuiet } = flags;
  return ok({ file, format, url: url.value, state, errors, maps, delimiter, batchSize, restart, isQuiet });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function toDelimiter(value: string): string {
  const delimiter = value === 'tab' ? '\t' : value;
  if (/^[^\w"\r\n]$/.test(delimiter)) return delimiter;
  throw new InvalidArgumentError('It must be one character such as ; or |, or the word tab.');
}

function toBatchSize(value: string): number {
  const size = /^[1-9]\d{0,3}$/.test(value) ? Number(value) : Number.NaN;
  if (size <= LIMITS.eventsPerRequest) return size;
  throw new InvalidArgumentError(`It must be a number from 1 to ${LIMITS.eventsPerRequest}.`);
}
