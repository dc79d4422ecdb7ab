import type { PricedKey, PricedRow } from '../../../domain/invoicing/priced-row.ts';
import { compareUtf8 } from '../../../domain/metering/group-order.ts';
import type { UsageRow } from '../../../domain/metering/rows.ts';
import { assert } from '../../../kernel/assert.ts';
import { decimal, decimalText } from '../../../kernel/decimal.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { ChangedCustomer, ChangedQuery, PricedQuery } from '../../../ports/analytics.ts';
import { toPricedRecords } from '../../clickhouse/priced-rows.ts';

const HOUR_MS = 3_600_000;

type Position = Omit<PricedKey, 'tenant'>;

export function storePriced(stored: Map<string, PricedRow>, rows: readonly PricedRow[]): void {
  toPricedRecords(rows);
  for (const row of rows) {
    const key = keyOf(row);
    const before = stored.get(key);
    if (before !== undefined && comparePriced(row, before) < 0) continue;
    const { quantity, amount } = row;
    stored.set(key, {
      ...row,
      quantity: decimalText(decimal(quantity)),
      amount: decimalText(decimal(amount)),
    });
  }
}

export function listPriced(rows: Iterable<PricedRow>, query: PricedQuery): readonly PricedRow[] {
  const { tenant, customers, fromMs, toMs, after, limit } = query;
  assert(
    customers.length > 0 && customers.length <= LIMITS.snapshotCustomers,
    'amounts of 1 to 1,000 customers',
  );
  assert(limit > 0 && limit <= LIMITS.pricedRows, 'a page of amounts is 1 to 10,000 rows');
  const asked = new Set(customers);
  return [...rows]
    .filter((row) => row.tenant === tenant && asked.has(row.customer) && row.inForce)
    .filter((row) => row.segmentStartMs >= fromMs && row.segmentStartMs < toMs)
    .filter((row) => after === undefined || comparePositions(row, after) > 0)
    .sort(comparePositions)
    .slice(0, limit);
}

export function listCustomersChanged(
  rows: readonly UsageRow[],
  { tenant, fromFence, belowFence, after, limit }: ChangedQuery,
): readonly ChangedCustomer[] {
  assert(limit > 0 && limit <= LIMITS.snapshotCustomers, 'a page is 1 to 1,000 customers');
  const found = rows.filter(
    (row) =>
      row.tenant === tenant &&
      row.fence >= fromFence &&
      row.fence < belowFence &&
      (after === undefined || compareUtf8(row.customer, after) > 0),
  );
  return [...Map.groupBy(found, ({ customer }) => customer)]
    .sort(([left], [right]) => compareUtf8(left, right))
    .slice(0, limit)
    .map(([customer, changed]) => {
      const hoursMs = new Set(changed.map(({ timeMs }) => Math.floor(timeMs / HOUR_MS) * HOUR_MS));
      return { customer, hoursMs: [...hoursMs].sort((left, right) => left - right) };
    });
}

function keyOf({ tenant, customer, subscription, charge, planVersion, segmentStartMs }: PricedRow): string {
  return JSON.stringify([tenant, customer, subscription, segmentStartMs, charge, planVersion]);
}

function comparePriced(left: PricedRow, right: PricedRow): number {
  return left.fence - right.fence || left.pricedAtMs - right.pricedAtMs;
}

function comparePositions(left: Position, right: Position): number {
  return (
    compareUtf8(left.customer, right.customer) ||
    compareUtf8(left.subscription, right.subscription) ||
    left.segmentStartMs - right.segmentStartMs ||
    compareUtf8(left.charge, right.charge) ||
    left.planVersion - right.planVersion
  );
}
