import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { compareUtf8 } from '../../domain/metering/group-order.ts';
import type { Item, QueryInput, QueryPage } from '../../ports/item-store.ts';
import { decodeItem } from '../item-rules/item-codec.ts';
import { boundsOf, decodePosition, type SortKeyBounds, takePage } from '../item-rules/reads.ts';

/** A condition of the SQL text with what it binds. */
interface Term {
  readonly sql: string;
  readonly values: readonly string[];
}

const COLUMNS = {
  table: { pk: 'pk', sk: 'sk', order: ['sk'] },
  index: { pk: 'owner_pk', sk: 'owner_sk', order: ['owner_sk', 'pk', 'sk'] },
} as const;
type Columns = (typeof COLUMNS)[keyof typeof COLUMNS];

/** Answers queries; SQLite compares texts by their UTF-8 bytes. Each of the few shapes is prepared once. */
export function createQueries(db: DatabaseSync): (input: QueryInput) => QueryPage {
  const prepared = new Map<string, StatementSync>();
  return (input) => {
    const columns = input.index === undefined ? COLUMNS.table : COLUMNS.index;
    const { sql, values } = selectOf(input, columns);
    const statement = prepared.get(sql) ?? db.prepare(sql);
    prepared.set(sql, statement);
    const rows = statement.iterate(...values, input.limit + 1);
    return takePage({ items: itemsOf(rows), limit: input.limit, index: input.index });
  };
}

function* itemsOf(rows: Iterable<Record<string, unknown>>): Generator<Item> {
  for (const { pk, sk, attributes } of rows) {
    yield decodeItem({ pk: String(pk), sk: String(sk) }, String(attributes));
  }
}

function selectOf(input: QueryInput, columns: Columns): Term {
  const isDown = input.descending === true;
  const terms = [{ sql: `${columns.pk} = ?`, values: [input.pk] }, ...termsOf(input, columns)];
  // The partial index is used only where the statement itself says this.
  if (columns === COLUMNS.index) terms.push({ sql: `${columns.sk} IS NOT NULL`, values: [] });
  const order = columns.order.map((column) => `${column}${isDown ? ' DESC' : ''}`).join(', ');
  return {
    sql: `SELECT pk, sk, attributes FROM ${input.table} WHERE ${terms.map(({ sql }) => sql).join(' AND ')}
      ORDER BY ${order} LIMIT ?`,
    values: terms.flatMap(({ values }) => values),
  };
}

/** At most one bound each way, or SQLite might seek by the wrong one and walk over all that was read before. */
function termsOf(input: QueryInput, columns: Columns): readonly Term[] {
  const bounds = boundsOf(input.sk);
  const position = input.startAfter === undefined ? undefined : decodePosition(input.startAfter, input);
  const lower = bounds.from === undefined ? [] : [bound(columns, '>=', bounds.from)];
  const upper = upperBound(columns, bounds);
  if (position === undefined) return [...lower, ...upper];
  const isDown = input.descending === true;
  const after = {
    sql: `(${columns.order.join(', ')}) ${isDown ? '<' : '>'} (${columns.order.map(() => '?').join(', ')})`,
    values: columns === COLUMNS.index ? [position.sortKey, position.pk, position.sk] : [position.sortKey],
  };
  if (!isDown) return isBefore(position.sortKey, bounds) ? [...lower, ...upper] : [after, ...upper];
  return isBehind(position.sortKey, bounds) ? [...lower, ...upper] : [...lower, after];
}

function bound(columns: Columns, operator: string, value: string): Term {
  return { sql: `${columns.sk} ${operator} ?`, values: [value] };
}

function upperBound(columns: Columns, { to, below }: SortKeyBounds): readonly Term[] {
  if (to !== undefined) return [bound(columns, '<=', to)];
  return below === undefined ? [] : [bound(columns, '<', below)];
}

function isBefore(sortKey: string, { from }: SortKeyBounds): boolean {
  return from !== undefined && compareUtf8(sortKey, from) < 0;
}

function isBehind(sortKey: string, { to, below }: SortKeyBounds): boolean {
  if (to !== undefined) return compareUtf8(sortKey, to) > 0;
  return below !== undefined && compareUtf8(sortKey, below) >= 0;
}
