import { problemSchema } from '../../shared/contracts/http/common.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { CliError } from '../cli-error.ts';
import { AGAIN_STATUSES, networkReason, readBytes, retryAfter } from '../network.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

export type Get = (
  path: string,
  headers?: Readonly<Record<string, string>>,
) => Promise<Result<Answer, CliError>>;

/** Asks a server until it answers, LIMITS.downloadAttempts times at most. Errors are what it refused, or that it is not there. */
export function getFrom(deps: { readonly url: string; readonly key: string; readonly clock: Clock }): Get {
  return async (path, headers = {}) => {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await ask(deps, path, headers);
      if (!('again' in outcome)) return outcome;
      if (attempt >= LIMITS.downloadAttempts) {
        const message = `gave up after ${attempt} attempts: ${outcome.again.message}`;
        return err({ ...outcome.again, message });
      }
      const backOffMs = LIMITS.importPauseMinMs * 2 ** (attempt - 1);
      await deps.clock.sleep(Math.max(backOffMs, outcome.retryAfterMs ?? 0));
    }
  };
}

type Again = { readonly again: CliError; readonly retryAfterMs: number | null };

async function ask(
  { url, key }: { readonly url: string; readonly key: string },
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Result<Answer, CliError> | Again> {
  try {
    const response = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${key}`, ...headers },
      // Whoever redirects is not the API, and must not get the key.
      redirect: 'manual',
      signal: AbortSignal.timeout(LIMITS.importRequestMs),
    });
    const bytes = await readBytes(response, LIMITS.downloadAnswerBytes);
    if (bytes === null) return err(unexpected('the server answered more than it may'));
    if (response.ok) return ok({ status: response.status, headers: response.headers, bytes });
    const again = refusal(response.status, bytes);
    if (!AGAIN_STATUSES.includes(response.status)) return err(again);
    return { again, retryAfterMs: retryAfter(response) };
  } catch (thrown) {
    const message = networkReason(thrown);
    return { again: { exitCode: 3, code: 'cli.server_unreachable', message }, retryAfterMs: null };
  }
}

function refusal(status: number, bytes: Buffer): CliError {
  const problem = problemSchema.safeParse(parseJson(bytes)).data;
  if (problem !== undefined) return { exitCode: 3, code: problem.code, message: problem.detail };
  return unexpected(`the server answered ${status}, not as countinghouse does: is the URL right?`);
}

export function unexpected(message: string): CliError {
  return { exitCode: 3, code: 'cli.unexpected_answer', message };
}

/** Undefined, which no schema takes, for what is no JSON. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}
