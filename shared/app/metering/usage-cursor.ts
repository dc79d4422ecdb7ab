import { z } from 'zod';
import type { UsageGroup } from '../../domain/metering/group-order.ts';
import { type AppError, appError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { UsageInput } from './usage-question.ts';

/** The last row of a page: the next one begins behind it, whatever was counted meanwhile. */
export interface UsagePosition {
  readonly windowStartMs: number;
  readonly group: UsageGroup;
}

const shape = z.strictObject({
  v: z.literal(1),
  q: z.string(),
  w: z.int(),
  g: z.array(z.string().nullable()),
});

export function encodeUsageCursor(input: UsageInput, position: UsagePosition): string {
  const content = { v: 1, q: questionHash(input), w: position.windowStartMs, g: position.group };
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

/** Error `request.invalid_cursor`: made up, or of another question. */
export function decodeUsageCursor(input: UsageInput, cursor: string): Result<UsagePosition> {
  const parsed = shape.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!parsed.success || parsed.data.q !== questionHash(input)) return err(invalidCursor());
  if (parsed.data.g.length !== new Set(input.groupBy).size) return err(invalidCursor());
  return ok({ windowStartMs: parsed.data.w, group: parsed.data.g });
}

/** Of everything that decides which rows there are and in which order. */
function questionHash(input: UsageInput): string {
  const { limit: _limit, cursor: _cursor, filters, meter, groupBy, ...rest } = input;
  const named = Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1));
  const fields = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  const content = JSON.stringify([fields, named, groupBy, meter.key, meter.aggregation]);
  return sha256Hex(content).slice(0, 16);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

function invalidCursor(): AppError {
  const code = 'request.invalid_cursor';
  return appError(code, undefined, [{ path: 'cursor', code, message: 'is not a cursor of this question' }]);
}
