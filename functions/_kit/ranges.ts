import { appError } from '../../shared/kernel/errors.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Call } from './call.ts';
import { type ApiEvent, header } from './request.ts';
import { problemReply, type Reply } from './response.ts';

interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

const ONE_RANGE = /^bytes=\s*(?<first>\d{0,15})-(?<last>\d{0,15})\s*$/i;

/**
 * Answers with a file or one range of it (RFC 9110), never with more than `mostBytes`: of a longer range its beginning, as
 * `Content-Range` says. A longer file is refused without a range: a piece of it would look like all of it.
 */
export async function rangeReply(input: {
  readonly call: Pick<Call, 'event' | 'requestId'>;
  readonly contentType: string;
  readonly size: number;
  /** Changes whenever a byte does. */
  readonly version: string;
  readonly mostBytes: number;
  readonly read: (range: ByteRange) => Promise<Uint8Array>;
}): Promise<Result<Reply>> {
  const { call, contentType, size, version, mostBytes, read } = input;
  const headers = { 'accept-ranges': 'bytes', etag: `"${version}"` };
  const isHead = call.event.requestContext.http.method === 'HEAD';
  const asked = isHead ? null : askedRange(call.event, size, headers.etag);
  if (asked === 'unsatisfiable') {
    const problem = problemReply(appError('request.range_not_satisfiable'), call.requestId);
    return ok({
      ...problem,
      headers: { ...problem.headers, ...headers, 'content-range': `bytes */${size}` },
    });
  }
  const reply = (status: number, content: Uint8Array, more: Readonly<Record<string, string>>) =>
    ok({ status, bytes: { contentType, content }, headers: { ...headers, ...more } });
  if (isHead) return reply(200, new Uint8Array(), { 'content-length': String(size) });
  if (asked !== null) {
    const end = Math.min(asked.end, asked.start + mostBytes);
    const place = `bytes ${asked.start}-${end - 1}/${size}`;
    return reply(206, await read({ start: asked.start, end }), { 'content-range': place });
  }
  if (size <= mostBytes) return reply(200, await read({ start: 0, end: size }), {});
  const detail = `It has ${size} bytes. Ask for at most ${mostBytes} at a time: Range: bytes=0-${mostBytes - 1}`;
  return err(appError('request.range_required', detail));
}

/** Null: all of it. Several ranges, other units and ranges that are none are ignored, as is one of another version. */
function askedRange(event: ApiEvent, size: number, etag: string): ByteRange | 'unsatisfiable' | null {
  const { first, last } = ONE_RANGE.exec(header(event, 'range') ?? '')?.groups ?? {};
  if (first === undefined || last === undefined || first + last === '') return null;
  if ((header(event, 'if-range') ?? etag) !== etag) return null;
  if (first === '') {
    const start = Math.max(0, size - Number(last));
    return start < size ? { start, end: size } : 'unsatisfiable';
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(size, Number(last) + 1);
  if (last !== '' && Number(last) < start) return null;
  return start < size ? { start, end } : 'unsatisfiable';
}
