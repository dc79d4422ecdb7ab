import { readFile, stat } from 'node:fs/promises';
import { Command } from 'commander';
import { verifyFiles } from '../../shared/app/invoicing/verify-files.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { type CliError, cliError, type ExitCode } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { systemReason } from '../import/file-identity.ts';
import { readLines } from '../import/lines.ts';

const HELP = `
The invoice is JSON as GET /v1/invoices/{id} answers it, with all of its lines; its evidence is what
GET /v1/invoices/{id}/evidence answers. From the events and the published prices in the evidence, every quantity, hash,
amount and total of the invoice is computed again, on this machine alone.

  countinghouse verify invoice.json --evidence invoice.evidence.ndjson

Exit code 0: equal, 1: different, and where, 2: a file cannot be read.
`;

export function verifyCommand(ctx: CommandContext): Command {
  return new Command('verify')
    .summary('recompute an invoice from its evidence')
    .description('Recomputes an invoice from its evidence and names the first difference.')
    .argument('<file>', 'the invoice, JSON')
    .option('--evidence <file>', 'its evidence, NDJSON (<file without .json>.evidence.ndjson)')
    .addHelpText('after', HELP)
    .action(async (file: string, flags: { readonly evidence?: string }) => {
      ctx.finish(await run(ctx, file, flags.evidence ?? `${file.replace(/\.json$/i, '')}.evidence.ndjson`));
    });
}

async function run(
  { terminal }: CommandContext,
  file: string,
  evidenceFile: string,
): Promise<Result<ExitCode, CliError>> {
  const invoiceText = await readInvoice(file);
  if (!invoiceText.ok) return invoiceText;
  const size = await sizeOf(evidenceFile);
  if (!size.ok) return size;
  const evidence = readLines({
    path: evidenceFile,
    bytes: size.value,
    lineBytesMax: LIMITS.evidenceRecordBytes,
  });
  const verified = await verifyFiles({ invoice: invoiceText.value, evidence });
  if (!verified.ok) {
    const { file: which, reason } = verified.error;
    return which === 'invoice'
      ? unusable(`${file} is no invoice: ${reason}`)
      : unusable(`${evidenceFile} is no evidence of an invoice: ${reason}`);
  }
  const { difference, invoice, events } = verified.value;
  if (difference !== null) {
    terminal.out(`different  ${difference.path}: ${difference.message}\n`);
    return ok(1);
  }
  const lines = `${invoice.lines.length.toLocaleString('en')} ${invoice.lines.length === 1 ? 'line' : 'lines'}`;
  const total = `${invoice.total} ${invoice.currency}`;
  terminal.out(`equal  ${invoice.id}: ${lines}, ${events.toLocaleString('en')} events, ${total}\n`);
  return ok(0);
}

async function readInvoice(file: string): Promise<Result<string, CliError>> {
  const size = await sizeOf(file);
  if (!size.ok) return size;
  if (size.value > LIMITS.invoiceFileBytes) return unusable(`${file} is too large for an invoice`);
  return ok(await readFile(file, 'utf8'));
}

async function sizeOf(file: string): Promise<Result<number, CliError>> {
  try {
    const stats = await stat(file);
    return stats.isFile() ? ok(stats.size) : unusable(`${file} is no regular file`);
  } catch (thrown) {
    return unusable(`${file}: ${systemReason(thrown)}`);
  }
}

function unusable(message: string): Result<never, CliError> {
  return err(cliError({ exitCode: 2, code: 'cli.file_unusable', message }));
}
