import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { appError } from '../../shared/kernel/errors.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { type ApiEvent, header } from './request.ts';

const JSON_ONLY: readonly string[] = ['application/json'];
const inflaters = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) } as const;

/**
 * The body as text: content type checked (415), decompressed from gzip or zstd within `limitBytes` (413), and
 * strictly UTF-8. Nothing beyond the limit is ever inflated.
 */
export async function readBody(
  event: ApiEvent,
  limitBytes: number,
  contentTypes: readonly string[] = JSON_ONLY,
): Promise<Result<string>> {
  const type = mediaType(event);
  if (type === undefined || !contentTypes.includes(type)) {
    const detail = `Send the body as ${contentTypes.join(' or ')}.`;
    return err(appError('request.unsupported_media_type', detail));
  }
  const sent = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (sent.byteLength > limitBytes) return err(tooLarge(limitBytes));
  const raw = await decompress(sent, header(event, 'content-encoding'), limitBytes);
  if (!raw.ok) return raw;
  return decodeUtf8(raw.value);
}

/** The type of the body without its parameters, in lower case. */
export function mediaType(event: ApiEvent): string | undefined {
  return header(event, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase();
}

async function decompress(
  body: Buffer,
  contentEncoding: string | undefined,
  limitBytes: number,
): Promise<Result<Buffer>> {
  const encoding = contentEncoding?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return ok(body);
  if (encoding !== 'gzip' && encoding !== 'zstd') {
    return err(appError('request.unsupported_encoding', 'Send the body as it is, or as gzip or zstd.'));
  }
  try {
    return ok(await inflaters[encoding](body, { maxOutputLength: limitBytes }));
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') return err(tooLarge(limitBytes));
    if (typeof code === 'string') return err(appError('request.malformed_encoding'));
    throw thrown;
  }
}

function tooLarge(limitBytes: number) {
  return appError('request.body_too_large', `The body may have ${limitBytes} bytes, decompressed.`);
}

function decodeUtf8(bytes: Buffer): Result<string> {
  try {
    return ok(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (thrown) {
    if (thrown instanceof TypeError) return err(appError('request.malformed_json', 'The body is not UTF-8.'));
    throw thrown;
  }
}
