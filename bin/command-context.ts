import type { Result } from '../shared/kernel/result.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { CliError, ExitCode } from './cli-error.ts';
import type { Terminal } from './terminal.ts';

/** What a command may use of the process that it runs in. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Hands over what came of the command. */
  finish(outcome: Result<ExitCode, CliError>): void;
}
