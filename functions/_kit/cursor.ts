import { z } from 'zod';
import { type AppError, appError } from '../../shared/kernel/errors.ts';
import { sha256Hex } from '../../shared/kernel/hash.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';

const CURSOR_FORMAT = 1;
const QUERY_HASH_LENGTH = 16;
const cursorShape = z.strictObject({ v: z.literal(CURSOR_FORMAT), q: z.string(), p: z.unknown() });

/**
 * Cursors are opaque positions in one query: with any other query, or made up, they are `request.invalid_cursor`.
 * A cursor gives no rights: the tenant of a request comes from its key alone.
 */
export interface Cursors<P> {
  encode(position: P): string;
  decode(text: string): Result<P>;
}

/** `query`: everything that decides what is listed, without limit and cursor. */
export function cursorsOf<P>(input: {
  readonly operationId: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly position: z.ZodType<P>;
}): Cursors<P> {
  const entries = Object.entries(input.query)
    .filter(([name, value]) => name !== 'cursor' && name !== 'limit' && value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const identity = JSON.stringify([input.operationId, entries]);
  const queryHash = sha256Hex(identity).slice(0, QUERY_HASH_LENGTH);
  return {
    encode: (position) =>
      Buffer.from(JSON.stringify({ v: CURSOR_FORMAT, q: queryHash, p: position })).toString('base64url'),
    decode: (text) => {
      const outer = cursorShape.safeParse(parseOrNull(Buffer.from(text, 'base64url').toString('utf8')));
      if (!outer.success || outer.data.q !== queryHash) return err(invalidCursor());
      const position = input.position.safeParse(outer.data.p);
      return position.success ? ok(position.data) : err(invalidCursor());
    },
  };
}

function invalidCursor(): AppError {
  const message = 'is not a cursor of this query';
  return appError('request.invalid_cursor', undefined, [
    { path: 'cursor', code: 'request.invalid_cursor', message },
  ]);
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}
