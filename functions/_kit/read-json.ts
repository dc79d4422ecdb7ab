import type { z } from 'zod';
import { appError } from '../../shared/kernel/errors.ts';
import { parseJsonExactly } from '../../shared/kernel/json-source.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { readBody } from './read-body.ts';
import type { ApiEvent } from './request.ts';
import { pathText, validate } from './validate.ts';

/**
 * The body of a configuration request: readable, exact, and of the shape that the contract names. `text` is what
 * was sent, decompressed.
 */
export async function readJson<S extends z.ZodType>(
  event: ApiEvent,
  schema: S,
  limitBytes: number,
): Promise<Result<{ readonly value: z.output<S>; readonly text: string }>> {
  const text = await readBody(event, limitBytes);
  if (!text.ok) return text;
  const parsed = parseJsonExactly(text.value);
  if (!parsed.ok) return parsed;
  const inexact = parsed.value.numberIssues.map(({ path, kind }) => ({
    path: pathText(path),
    code: 'request.invalid_field' as const,
    message: kind === 'unsafe_integer' ? 'is an integer that JSON cannot carry exactly' : 'is out of range',
  }));
  if (inexact.length > 0) return err(appError('request.invalid_field', undefined, inexact));
  const valid = validate(schema, parsed.value.value);
  return valid.ok ? ok({ value: valid.value, text: text.value }) : valid;
}
