import { compareUtf8 } from '../../../domain/metering/group-order.ts';
import type { EventRow, QuarantineRow, ResendRow, UsageRow } from '../../../domain/metering/rows.ts';
import { addExact, decimal, decimalText, multiplyExact } from '../../../kernel/decimal.ts';
import type { AnalyticsReader, EventListQuery, ReceivedListQuery } from '../../../ports/analytics.ts';

export function listEvents(rows: readonly EventRow[], query: EventListQuery): readonly EventRow[] {
  const { after, limit, fromMs, toMs } = query;
  const found = rows.filter(
    (row) =>
      isTenantAnd(row, query, ['customer', 'type', 'id', 'source', 'status']) &&
      row.timeMs >= (fromMs ?? Number.NEGATIVE_INFINITY) &&
      row.timeMs < (toMs ?? Number.POSITIVE_INFINITY),
  );
  const position = ({ timeMs, source, id }: Pick<EventRow, 'timeMs' | 'source' | 'id'>) =>
    [timeMs, source, id] as const;
  return page(found, { limit, position, ...(after === undefined ? {} : { after: position(after) }) });
}

export function listQuarantine(
  rows: readonly QuarantineRow[],
  query: ReceivedListQuery & { readonly meter?: string; readonly id?: string },
): readonly QuarantineRow[] {
  const found = rows.filter((row) => isTenantAnd(row, query, ['meter', 'id']));
  return receivedPage(found, query, ({ entry, meter }) => `${entry}/${meter}`);
}

export function listConflicts(
  rows: readonly ResendRow[],
  query: ReceivedListQuery & { readonly id?: string },
): readonly ResendRow[] {
  const found = rows.filter((row) => row.differs && isTenantAnd(row, query, ['id']));
  return receivedPage(found, query, ({ chunk, rowHash }) => `${chunk}/${rowHash}`);
}

export function listMetersOfEvent(
  rows: readonly UsageRow[],
  identity: Parameters<AnalyticsReader['metersOfEvent']>[0],
): Awaited<ReturnType<AnalyticsReader['metersOfEvent']>> {
  const meters = new Map<string, { count: number; quantity: string }>();
  for (const row of rows) {
    if (!isTenantAnd(row, identity, ['source', 'id']) || row.generation !== 0) continue;
    const { count, quantity } = meters.get(row.meter) ?? { count: 0, quantity: '0' };
    const signed = multiplyExact(decimal(row.quantity), decimal(row.sign));
    const total = decimalText(addExact(decimal(quantity), signed));
    meters.set(row.meter, { count: count + row.sign, quantity: total });
  }
  return [...meters]
    .filter(([, { count }]) => count > 0)
    .map(([meter, { quantity }]) => ({ meter, quantity }))
    .sort((left, right) => compareUtf8(left.meter, right.meter));
}

function isTenantAnd<R extends { readonly tenant: string }, Q extends { readonly tenant: string }>(
  row: R,
  query: Q,
  names: readonly (keyof R & keyof Q)[],
): boolean {
  return (
    row.tenant === query.tenant &&
    names.every((name) => query[name] === undefined || (row[name] as unknown) === query[name])
  );
}

function receivedPage<R extends { readonly receivedAtMs: number; readonly chunk: string }>(
  rows: readonly R[],
  { after, limit }: ReceivedListQuery,
  keyOf: (row: R) => string,
): readonly R[] {
  const position = (row: R) => [row.receivedAtMs, keyOf(row)] as const;
  const start = after === undefined ? {} : { after: [after.receivedAtMs, after.key] };
  return page(rows, { limit, position, ...start });
}

type Position = readonly (number | string)[];

/** Descending by position, one row a position (of the first chunk), those behind `after`. */
function page<R extends { readonly chunk: string }>(
  rows: readonly R[],
  options: {
    readonly limit: number;
    readonly position: (row: R) => Position;
    readonly after?: Position;
  },
): readonly R[] {
  const { after, limit, position } = options;
  const ordered = rows
    .map((row) => ({ row, at: position(row) }))
    .filter(({ at }) => after === undefined || comparePositions(at, after) < 0)
    .sort((a, b) => comparePositions(b.at, a.at) || compareUtf8(a.row.chunk, b.row.chunk));
  return ordered
    .filter(({ at }, index) => {
      const before = ordered[index - 1];
      return before === undefined || comparePositions(before.at, at) !== 0;
    })
    .slice(0, limit)
    .map(({ row }) => row);
}

function comparePositions(left: Position, right: Position): number {
  for (const [index, value] of left.entries()) {
    const other = right[index];
    const order = typeof value === 'number' ? value - Number(other) : compareUtf8(value, String(other));
    if (order !== 0) return order;
  }
  return 0;
}
