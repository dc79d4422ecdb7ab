import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { type IngestAnswer, ingestAnswerSchema } from '../../shared/contracts/event.ts';
import { type Problem, problemSchema } from '../../shared/contracts/http/common.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { AGAIN_STATUSES, networkReason, readBytes, retryAfter } from '../network.ts';

const compress = promisify(zstdCompress);
/** Below it the frame and the call cost more than the bytes. */
const COMPRESS_FROM_BYTES = 1_024;

/** What came back for one request, or that nothing did. */
export type PostOutcome =
  | { readonly kind: 'answer'; readonly answer: IngestAnswer; readonly retryAfterMs: number | null }
  /** Outcome unknown or not now: the same request may be sent again. */
  | {
      readonly kind: 'again';
      readonly why: string;
      readonly code: string;
      readonly retryAfterMs: number | null;
    }
  | { readonly kind: 'too_large'; readonly code: string; readonly message: string }
  /** The same request would always end like this. */
  | { readonly kind: 'refused'; readonly status: number; readonly problem: Problem | null };

export type PostEvents = (events: readonly string[]) => Promise<PostOutcome>;

/** Sends events, given as JSON text so that no digit changes on the way, in one request. Never throws for the network. */
export function postEventsTo(input: { readonly url: string; readonly key: string }): PostEvents {
  const target = `${input.url}/v1/events`;
  const headers = { authorization: `Bearer ${input.key}`, 'content-type': 'application/json' };
  return async (events) => {
    const text = `{"events":[${events.join(',')}]}`;
    const isCompressed = text.length >= COMPRESS_FROM_BYTES;
    const request = {
      method: 'POST',
      headers: isCompressed ? { ...headers, 'content-encoding': 'zstd' } : headers,
      body: isCompressed ? new Uint8Array(await compress(text)) : text,
      // Whoever redirects is not the API, and must not get the key.
      redirect: 'manual',
      signal: AbortSignal.timeout(LIMITS.importRequestMs),
    } as const;
    try {
      const response = await fetch(target, request);
      return toOutcome(response, await readTextOf(response), events.length);
    } catch (thrown) {
      return {
        kind: 'again',
        why: networkReason(thrown),
        code: 'cli.server_unreachable',
        retryAfterMs: null,
      };
    }
  };
}

function toOutcome(response: Response, text: string | null, eventCount: number): PostOutcome {
  const { status } = response;
  const body = text === null ? undefined : parseJson(text);
  const retryAfterMs = retryAfter(response);
  if (status === 200 || status === 503) {
    const answer = ingestAnswerSchema.safeParse(body).data;
    if (answer !== undefined && namesEachOnce(answer, eventCount))
      return { kind: 'answer', answer, retryAfterMs };
  }
  const problem = problemSchema.safeParse(body).data ?? null;
  if (AGAIN_STATUSES.includes(status)) {
    const code = problem?.code ?? 'cli.unexpected_answer';
    return { kind: 'again', why: problem?.detail ?? `the server answered ${status}`, code, retryAfterMs };
  }
  if (status === 413) {
    const code = problem?.code ?? 'request.body_too_large';
    return { kind: 'too_large', code, message: problem?.detail ?? 'the request is too large' };
  }
  return { kind: 'refused', status, problem };
}

function namesEachOnce(answer: IngestAnswer, eventCount: number): boolean {
  return answer.results.length === eventCount && answer.results.every(({ index }, at) => index === at);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

async function readTextOf(response: Response): Promise<string | null> {
  const bytes = await readBytes(response, LIMITS.importAnswerBytes);
  return bytes === null ? null : bytes.toString('utf8');
}
