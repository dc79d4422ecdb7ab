import { appError } from '../../shared/kernel/errors.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { type ApiEvent, header } from './request.ts';

const STRONG_TAG = /^"(?<version>[1-9][0-9]{0,14})"$/;

export function etagHeader(version: number): Readonly<Record<string, string>> {
  return { etag: `"${version}"` };
}

/**
 * The version that `If-Match` names. Absent: 428. Anything but one strong tag of ours, `*` included, names no
 * version that could be current: 412.
 */
export function readIfMatch(event: ApiEvent): Result<number> {
  const sent = header(event, 'if-match')?.trim();
  if (sent === undefined || sent === '') return err(appError('request.precondition_required'));
  const version = STRONG_TAG.exec(sent)?.groups?.version;
  return version === undefined ? err(appError('request.precondition_failed')) : ok(Number(version));
}
