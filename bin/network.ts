import { LIMITS } from '../shared/kernel/limits.ts';

/** With these the outcome is unknown, or it is not now: the same request may be sent again. */
export const AGAIN_STATUSES: readonly number[] = [408, 425, 429, 500, 502, 503, 504];

/** Null for a body longer than any answer may be. */
export async function readBytes(response: Response, mostBytes: number): Promise<Buffer | null> {
  if (response.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Of the two forms of the header only seconds: a date would need the server's clock. */
export function retryAfter(response: Response): number | null {
  const value = response.headers.get('retry-after') ?? '';
  return /^\d{1,9}$/.test(value) ? Math.min(Number(value) * 1_000, LIMITS.importRetryAfterMaxMs) : null;
}

/** Why the network failed, in plain words; anything else is a bug and goes on its way. */
export function networkReason(thrown: unknown): string {
  if (!(thrown instanceof Error)) throw thrown;
  if (thrown.name === 'TimeoutError') return 'the server did not answer in time';
  const cause = thrown.cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : null;
  // fetch wraps what the network did; anything without such a cause is not the network.
  if (code === null && thrown.message !== 'terminated' && thrown.message !== 'fetch failed') throw thrown;
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'there is no such host',
    ECONNRESET: 'the connection broke',
    UND_ERR_SOCKET: 'the connection broke',
  };
  return reasons[code ?? ''] ?? code ?? 'the connection broke';
}
