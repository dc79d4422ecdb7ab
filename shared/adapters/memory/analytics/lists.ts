import { compareUtf8 } from '../../../domain/metering/group-order.ts';
import type {
  ChangeRow,
  EventRow,
  QuarantineRow,
  ResendRow,
  UsageRow,
} from '../../../domain/metering/rows.ts';
import { addExact, decimal, decimalText, multiplyExact } from '../../../kernel/decimal.ts';
import type {
  AnalyticsReader,
  EventListQuery,
  EventPosition,
  JobEventsQuery,
  ReceivedListQuery,
} from '../../../ports/analytics.ts';

export function listEvents(rows: readonly EventRow[], query: EventListQuery): readonly EventRow[] {
  const { after, limit, fromMs, toMs } = query;
  const asked = rows.filter(
    (row) =>
      isTenantAnd(row, query, ['customer', 'type', 'id', 'source']) &&
      row.timeMs >= (fromMs ?? Number.NEGATIVE_INFINITY) &&
      row.timeMs < (toMs ?? Number.POSITIVE_INFINITY),
  );
  const found = asTheyAre(asked).filter((row) => isTenantAnd(row, query, ['status']));
  const position = ({ timeMs, source, id }: Pick<EventRow, 'timeMs' | 'source' | 'id'>) =>
    [timeMs, source, id] as const;
  return page(found, { limit, position, ...(after === undefined ? {} : { after: position(after) }) });
}

/** As ClickHouse: customer_reference is no part of a place, so that a row of another reference stands in no row's way. */
export function listJobEvents(rows: readonly EventRow[], query: JobEventsQuery): readonly EventRow[] {
  const { tenant, references, types, fromMs, toMs, after, belowRevision, status, limit } = query;
  const asked = rows.filter(
    (row) =>
      row.tenant === tenant &&
      (references === undefined || references.includes(row.customerReference)) &&
      (types === undefined || types.includes(row.type)) &&
      row.timeMs >= (fromMs ?? Number.NEGATIVE_INFINITY) &&
      row.timeMs < (toMs ?? Number.POSITIVE_INFINITY),
  );
  const position = ({ timeMs, source, id }: EventPosition) => [timeMs, source, id] as const;
  return asTheyAre(asked)
    .filter((row) => row.revision < belowRevision && row.status !== 'revoked')
    .filter((row) => row.status === (status ?? row.status))
    .filter((row) => after === null || comparePositions(position(row), position(after)) > 0)
    .sort((a, b) => comparePositions(position(a), position(b)) || compareUtf8(a.chunk, b.chunk))
    .slice(0, limit);
}

/** Of the rows of one place the one with the greatest link. */
function asTheyAre(rows: readonly EventRow[]): readonly EventRow[] {
  const places = Map.groupBy(rows, ({ customer, type, timeMs, source, id }) =>
    JSON.stringify([customer, type, timeMs, source, id]),
  );
  return [...places.values()].flatMap((place) => {
    const link = Math.max(...place.map((row) => row.link));
    return place.filter((row) => row.link === link && row.status !== 'superseded');
  });
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

/** What waited and was applied is listed as applied. */
export function listChanges(
  rows: readonly ChangeRow[],
  query: Parameters<AnalyticsReader['changes']>[0],
): readonly ChangeRow[] {
  const own = rows.filter((row) => isTenantAnd(row, query, ['id']));
  const revision = ({ source, id, correction }: ChangeRow) => JSON.stringify([source, id, correction]);
  const applied = new Set(own.filter(({ status }) => status === 'applied').map(revision));
  const found = own
    .filter((row) => row.status !== 'waiting' || !applied.has(revision(row)))
    .filter((row) => isTenantAnd(row, query, ['status']))
    .map((row) => ({ ...row, receivedAtMs: row.timeMs }));
  return receivedPage(
    found,
    query,
    (row) => `${row.source}/${row.id}/${row.link}/${row.correction}/${row.fingerprint}`,
  ).map(({ receivedAtMs: _received, ...row }) => row);
}

export function listMetersOfEvent(
  rows: readonly UsageRow[],
  identity: Parameters<AnalyticsReader['metersOfEvent']>[0],
): Awaited<ReturnType<AnalyticsReader['metersOfEvent']>> {
  const meters = new Map<string, { count: number; quantity: string }>();
  for (const row of rows) {
    if (!isTenantAnd(row, identity, ['source', 'id'])) continue;
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
