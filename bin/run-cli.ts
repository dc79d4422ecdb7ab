import { Command, CommanderError } from 'commander';
import type { Clock } from '../shared/ports/clock.ts';
import { type ExitCode, renderError, usageError } from './cli-error.ts';
import type { CommandContext } from './command-context.ts';
import { bootstrapCommand } from './commands/bootstrap-command.ts';
import { downloadCommand } from './commands/download-command.ts';
import { importCommand } from './commands/import-command.ts';
import { verifyCommand } from './commands/verify-command.ts';
import type { Terminal } from './terminal.ts';

/** Runs one command line; answers the exit code of the process. */
export async function runCli(input: {
  readonly argv: readonly string[];
  readonly env: CommandContext['env'];
  readonly version: string;
  readonly clock: Clock;
  readonly terminal: Terminal;
}): Promise<ExitCode> {
  const { terminal } = input;
  let exitCode: ExitCode = 0;
  const finish: CommandContext['finish'] = (outcome) => {
    exitCode = outcome.ok ? outcome.value : outcome.error.exitCode;
    if (!outcome.ok) terminal.err(renderError(outcome.error));
  };
  const program = createProgram({ ...input, finish }, input.version);
  try {
    await program.parseAsync(input.argv, { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return thrown.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}

function createProgram(ctx: CommandContext, version: string): Command {
  const { terminal } = ctx;
  const program = new Command('countinghouse')
    .description('Turns usage events into money that can be proved.')
    .version(version)
    .helpCommand(false)
    .showSuggestionAfterError(true);
  configure(program, terminal);
  const events = new Command('events').description('Usage events').helpCommand(false);
  configure(events, terminal);
  const invoices = new Command('invoices').description('Invoices').helpCommand(false);
  configure(invoices, terminal);
  const commands = [
    bootstrapCommand(ctx),
    importCommand(ctx),
    downloadCommand(ctx),
    verifyCommand(ctx),
  ] as const;
  for (const command of commands) configure(command, terminal);
  const [bootstrap, importEvents, download, verify] = commands;
  return program
    .addCommand(bootstrap)
    .addCommand(events.addCommand(importEvents))
    .addCommand(invoices.addCommand(download))
    .addCommand(verify);
}

/** Errors of the command line look like all others, and the process ends by itself. */
function configure(command: Command, terminal: Terminal): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => terminal.out(text),
    writeErr: (text) => terminal.err(text),
    outputError: (text, write) => write(renderUsage(text, command)),
  });
}

function renderUsage(text: string, command: Command): string {
  const [first = '', ...others] = text.trim().split('\n');
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  const hint = [...others, `${names.join(' ')} --help shows all options`].join('\n  ');
  return renderError(usageError(first.replace(/^error: /, ''), hint));
}
