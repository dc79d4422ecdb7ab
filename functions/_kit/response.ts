import type { Problem } from '../../shared/contracts/http/common.ts';
import { statusOf } from '../../shared/contracts/http/problem-status.ts';
import { type AppError, ERROR_CATALOGUE } from '../../shared/kernel/errors.ts';
import { quotaHeaders } from './quota-headers.ts';
import type { ApiResult } from './request.ts';

/** What a handler answers before it is put on the wire. */
export interface Reply {
  readonly status: number;
  /** Serialized as JSON; leave out with `text`. */
  readonly body?: unknown;
  readonly text?: { readonly contentType: string; readonly content: string };
  /** Content that is no text; leave `body` and `text` out. */
  readonly bytes?: { readonly contentType: string; readonly content: Uint8Array };
  readonly headers?: Readonly<Record<string, string>>;
}

const COMMON_HEADERS = {
  // Answers are private and change: nothing in between may keep them or guess another type.
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const;

export function toApiResult(reply: Reply, requestId: string): ApiResult {
  const { bytes, text } = reply;
  const contentType = (bytes ?? text)?.contentType ?? 'application/json';
  const content = text?.content ?? JSON.stringify(reply.body);
  return {
    statusCode: reply.status,
    headers: { ...COMMON_HEADERS, 'content-type': contentType, 'x-request-id': requestId, ...reply.headers },
    body: bytes === undefined ? content : Buffer.from(bytes.content).toString('base64'),
    isBase64Encoded: bytes !== undefined,
  };
}

/** The one mapper from an expected error to RFC 9457. */
export function problemReply(error: AppError, requestId: string): Reply {
  const status = statusOf(error.code);
  const retryAfterSeconds = error.retryAfterSeconds ?? (status === 503 ? 1 : undefined);
  const body: Problem = {
    type: `urn:countinghouse:error:${error.code}`,
    title: ERROR_CATALOGUE[error.code].title,
    status,
    code: error.code,
    detail: error.detail,
    requestId,
    errors: (error.issues ?? []).map(({ path, code, message }) => ({ path, code, message })),
  };
  return {
    status,
    text: { contentType: 'application/problem+json', content: JSON.stringify(body) },
    headers: {
      ...(status === 401 ? { 'www-authenticate': 'Bearer realm="countinghouse"' } : {}),
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
      ...(error.quota === undefined ? {} : quotaHeaders(error.quota)),
    },
  };
}

export function problem(error: AppError, requestId: string): ApiResult {
  return toApiResult(problemReply(error, requestId), requestId);
}
