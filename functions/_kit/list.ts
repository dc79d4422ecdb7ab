import { z } from 'zod';
import type { Page, PageRequest } from '../../shared/app/page.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { ok, type Result } from '../../shared/kernel/result.ts';
import { type Cursors, cursorsOf } from './cursor.ts';
import type { Reply } from './response.ts';

interface ListQuery extends Readonly<Record<string, unknown>> {
  readonly limit?: string;
  readonly cursor?: string;
}

function limitOf(query: ListQuery): number {
  return query.limit === undefined ? LIMITS.pageSizeDefault : Number(query.limit);
}

/** Answers one page of a list by key. */
export async function listReply<T>(input: {
  readonly operationId: string;
  readonly query: ListQuery;
  readonly read: (request: PageRequest) => Promise<Result<Page<T>>>;
  readonly toWire: (record: T) => unknown;
}): Promise<Result<Reply>> {
  const { operationId, query } = input;
  const cursors = cursorsOf({ operationId, query, position: z.string() });
  const startAfter = decodeCursor(cursors, query);
  if (!startAfter.ok) return startAfter;
  const position = startAfter.value === undefined ? {} : { startAfter: startAfter.value };
  const page = await input.read({ limit: limitOf(query), ...position });
  if (!page.ok) return page;
  const { records, next } = page.value;
  const nextCursor = next === undefined ? null : cursors.encode(next);
  return ok({ status: 200, body: { data: records.map(input.toWire), nextCursor } });
}

/** Answers one page of a list that is read by its last row. */
export async function rowsReply<T, P>(input: {
  readonly operationId: string;
  readonly query: ListQuery;
  readonly position: z.ZodType<P>;
  /** At most `limit` rows behind `after`. */
  readonly read: (request: { readonly limit: number; readonly after?: P }) => Promise<readonly T[]>;
  readonly positionOf: (row: T) => P;
  readonly toWire: (row: T) => unknown;
}): Promise<Result<Reply>> {
  const { operationId, query, position } = input;
  const cursors = cursorsOf({ operationId, query, position });
  const after = decodeCursor(cursors, query);
  if (!after.ok) return after;
  const limit = limitOf(query);
  // One row more tells whether there is another page.
  const rows = await input.read({
    limit: limit + 1,
    ...(after.value === undefined ? {} : { after: after.value }),
  });
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  const nextCursor =
    rows.length > limit && last !== undefined ? cursors.encode(input.positionOf(last)) : null;
  return ok({ status: 200, body: { data: data.map(input.toWire), nextCursor } });
}

function decodeCursor<P>(cursors: Cursors<P>, query: ListQuery): Result<P | undefined> {
  return query.cursor === undefined ? ok(undefined) : cursors.decode(query.cursor);
}
