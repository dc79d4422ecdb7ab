import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { type CliError, cliError, type ExitCode, usageError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { fetchEvidence, fetchInvoice } from '../download/fetch-invoice.ts';
import { type Get, getFrom } from '../download/get-from.ts';
import { systemReason } from '../import/file-identity.ts';
import { DEFAULT_URL, readKey, readUrl } from '../server-options.ts';
import { grouped } from '../terminal.ts';

const HELP = `
Writes <id>.json, the invoice with all of its lines, and <id>.evidence.ndjson, the events and prices that it follows
from, of whatever size. Files that are there are left as they are. Then, on any machine and without a key:

  countinghouse verify <id>.json

Exit code 0: both are there, 2: wrong usage or a file is in the way, 3: stopped by the server, the network or a disk.
`;
/** Also what a file may be called. */
const INVOICE_ID = /^inv_[0-9a-z]{1,60}$/;

interface Flags {
  readonly out: string;
  readonly url?: string;
  readonly key?: string;
}

export function downloadCommand(ctx: CommandContext): Command {
  return new Command('download')
    .summary('fetch an invoice and its evidence')
    .description('Fetches a finalized invoice and its evidence, to be verified or kept.')
    .argument('<id>', 'the id of the invoice, inv_…')
    .option('--out <folder>', 'where the files go', '.')
    .option('--url <url>', `the server (COUNTINGHOUSE_URL, else ${DEFAULT_URL})`)
    .option('--key <key>', 'an API key with the scope invoices:read (COUNTINGHOUSE_KEY)')
    .addHelpText('after', HELP)
    .action(async (id: string, flags: Flags) => ctx.finish(await run(ctx, id, flags)));
}

async function run(ctx: CommandContext, id: string, flags: Flags): Promise<Result<ExitCode, CliError>> {
  if (!INVOICE_ID.test(id)) return err(usageError('an id of an invoice is inv_ with letters and digits'));
  const url = readUrl(flags.url, ctx.env);
  if (!url.ok) return url;
  const key = readKey(flags.key, ctx.env);
  if (!key.ok) return key;
  const get = getFrom({ url: url.value, key: key.value, clock: ctx.clock });
  const invoiceFile = path.join(flags.out, `${id}.json`);
  const evidenceFile = path.join(flags.out, `${id}.evidence.ndjson`);
  for (const file of [invoiceFile, evidenceFile]) {
    if (await isThere(file)) return unusable(`${file} is there already`);
  }
  const evidence = await writeNew(evidenceFile, (file) => fetchEvidence(get, id, file));
  if (!evidence.ok) return evidence;
  const invoice = await writeNew(invoiceFile, (file) => writeInvoice(get, id, file));
  if (!invoice.ok) return invoice;
  ctx.terminal.out(`invoice   ${invoiceFile}  ${grouped(invoice.value)} lines\n`);
  ctx.terminal.out(`evidence  ${evidenceFile}  ${grouped(evidence.value)} bytes\n`);
  return ok(0);
}

async function writeInvoice(get: Get, id: string, file: FileHandle): Promise<Result<number, CliError>> {
  const invoice = await fetchInvoice(get, id);
  if (!invoice.ok) return invoice;
  await file.writeFile(`${JSON.stringify(invoice.value, null, 2)}\n`);
  return ok(invoice.value.lines.length);
}

/** The file is whole or not there: it has another name until everything is written. */
async function writeNew<T>(
  target: string,
  write: (file: FileHandle) => Promise<Result<T, CliError>>,
): Promise<Result<T, CliError>> {
  const part = `${target}.part`;
  try {
    const file = await open(part, 'w');
    try {
      const written = await write(file);
      if (!written.ok) return written;
      await file.sync();
      await rename(part, target);
      return written;
    } finally {
      await file.close();
      await rm(part, { force: true });
    }
  } catch (thrown) {
    return err(
      cliError({ exitCode: 3, code: 'cli.file_unusable', message: `${target}: ${systemReason(thrown)}` }),
    );
  }
}

async function isThere(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}

function unusable(message: string): Result<never, CliError> {
  return err(cliError({ exitCode: 2, code: 'cli.file_unusable', message }));
}
