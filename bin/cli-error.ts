import type { ErrorCode } from '../shared/kernel/errors.ts';

/**
 * 0: all done. 1: some rows failed or were refused, or two things differ. 2: usage, or a file that cannot be read.
 * 3: stopped by the server, the network or a disk.
 */
export type ExitCode = 0 | 1 | 2 | 3;

/** Why a command ends early. Codes of the server are passed on as they came, so they are text here. */
export interface CliError {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly message: string;
  readonly issues?: readonly { readonly path: string; readonly code: string; readonly message: string }[];
  readonly hint?: string;
}

export function usageError(message: string, hint?: string): CliError {
  return cliError({ exitCode: 2, code: 'cli.usage', message, ...(hint === undefined ? {} : { hint }) });
}

export function cliError(error: Omit<CliError, 'code'> & { readonly code: ErrorCode }): CliError {
  return error;
}

/** The one form of errors on stderr: `error: <message> (<code>)`, then fields and a hint, each on its line. */
export function renderError(error: CliError): string {
  const issues = (error.issues ?? []).map(
    ({ path, code, message }) => `  ${path === '' ? '' : `${path}: `}${message} (${code})\n`,
  );
  const hint = error.hint === undefined ? '' : `  ${error.hint}\n`;
  return `error: ${error.message} (${error.code})\n${issues.join('')}${hint}`;
}
