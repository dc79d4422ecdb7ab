import { err, ok, type Result } from '../shared/kernel/result.ts';
import { type CliError, usageError } from './cli-error.ts';
import type { CommandContext } from './command-context.ts';

export const DEFAULT_URL = 'http://127.0.0.1:8787';
/** What an HTTP header and the API take as a key. */
const KEY = /^[A-Za-z0-9._~+/=-]{1,512}$/;

/** Of `--url`, COUNTINGHOUSE_URL and the default: without a slash at the end, so that one server has one name. */
export function readUrl(flag: string | undefined, env: CommandContext['env']): Result<string, CliError> {
  const url = toBaseUrl(flag ?? (env.COUNTINGHOUSE_URL || DEFAULT_URL));
  if (url !== null) return ok(url);
  return err(usageError('the URL must be http:// or https:// and hold no key or query'));
}

/** Of `--key` and COUNTINGHOUSE_KEY. */
export function readKey(flag: string | undefined, env: CommandContext['env']): Result<string, CliError> {
  const key = flag ?? env.COUNTINGHOUSE_KEY;
  if (key === undefined || key === '') {
    return err(usageError('there is no API key', 'give it with --key or in COUNTINGHOUSE_KEY'));
  }
  return KEY.test(key) ? ok(key) : err(usageError('the API key has characters that no key has'));
}

/** Null for what cannot be one. */
function toBaseUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, origin, pathname, search, hash, username, password } = new URL(text);
  const isPlain = search === '' && hash === '' && username === '' && password === '';
  if ((protocol !== 'http:' && protocol !== 'https:') || !isPlain) return null;
  return origin + pathname.replace(/\/+$/, '');
}
