import { Command } from 'commander';
import { withFolder } from '../../local/with-folder.ts';
import { createSystemIds } from '../../shared/adapters/system/ids.ts';
import { bootstrapOperator } from '../../shared/app/keys/bootstrap-operator.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { type CliError, cliError, type ExitCode } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';

interface Flags {
  readonly dataDir?: string;
  readonly additional: boolean;
}

export function bootstrapCommand(ctx: CommandContext): Command {
  return new Command('bootstrap')
    .summary('make the first operator key')
    .description(
      'Makes the first operator key of a data folder and prints it, once: it is stored nowhere. The server must not run.',
    )
    .option('--data-dir <folder>', 'the data folder (DATA_DIR, else .data)')
    .option('--additional', 'make a further one, for instance when the first is lost', false)
    .action(async (flags: Flags) => ctx.finish(await run(ctx, flags)));
}

async function run(ctx: CommandContext, flags: Flags): Promise<Result<ExitCode, CliError>> {
  const folder = flags.dataDir ?? (ctx.env.DATA_DIR || '.data');
  const ids = createSystemIds();
  const { clock } = ctx;
  const made = await withFolder({ folder, ids, clock }, ({ items, pepper }) =>
    bootstrapOperator({ items, pepper, ids, clock })({ additional: flags.additional }),
  );
  if (made.ok) {
    ctx.terminal.out(`${made.value.secret}\n`);
    ctx.terminal.err('This is the operator key. It is shown this once: keep it where secrets are kept.\n');
    return ok(0);
  }
  const { code, detail: message } = made.error;
  const hint = HINTS[code];
  return err(cliError({ exitCode: 1, code, message, ...(hint === undefined ? {} : { hint }) }));
}

const HINTS: Readonly<Record<string, string>> = {
  'cli.operator_exists': '--additional makes a further one; POST /v1/keys/{id}/revoke ends an old one',
  'storage.locked': 'stop the server that uses the data folder, or name another with --data-dir',
};
