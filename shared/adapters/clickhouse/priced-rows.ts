import type { ClickHouseClient } from '@clickhouse/client';
import type { PricedRow } from '../../domain/invoicing/priced-row.ts';
import { assert } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { columnDecimal, columnTime, isColumnTime, isUnsigned } from './columns.ts';
import type { StoredRecord } from './records.ts';
import { INSERT_SETTINGS } from './settings.ts';
import { refused, toStoreError } from './store-errors.ts';

const AMOUNT = { precision: 76, scale: LIMITS.ratedScale };

/** Throws a StoreError of outcome `refused` for a value that the store would change without an error. */
export function toPricedRecords(rows: readonly PricedRow[]): readonly StoredRecord[] {
  assert(rows.length <= LIMITS.pricedRows, 'at most 10,000 priced rows are written at once');
  return rows.map(toRecord);
}

export async function insertPriced(inserts: ClickHouseClient, rows: readonly PricedRow[]): Promise<void> {
  const values = toPricedRecords(rows);
  if (values.length === 0) return;
  try {
    await inserts.insert({
      table: 'priced',
      values,
      format: 'JSONEachRow',
      clickhouse_settings: {
        ...INSERT_SETTINGS,
        // Rows take the place of others, so nothing is known by a token: the log of a crashed insert must not swallow the next.
        insert_deduplicate: 0,
        insert_deduplication_token: '',
        // Periods since 2000 are more months than one insert usually may touch.
        max_partitions_per_insert_block: '0',
      },
    });
  } catch (thrown) {
    throw toStoreError(thrown, 'priced rows could not be written');
  }
}

function toRecord(row: PricedRow): StoredRecord {
  const { planVersion, meterVersion, fence } = row;
  const fits = isUnsigned(planVersion, 32) && isUnsigned(meterVersion ?? 0, 32) && isUnsigned(fence, 64);
  if (!fits) throw refused('a version or fence does not fit its column');
  return {
    tenant: row.tenant,
    customer: row.customer,
    subscription: row.subscription,
    plan: row.plan,
    charge: row.charge,
    plan_version: planVersion,
    segment_start: storedTime(row.segmentStartMs),
    segment_end: storedTime(row.segmentEndMs),
    period_start: storedTime(row.periodStartMs),
    period_end: storedTime(row.periodEndMs),
    quantity: storedDecimal(row.quantity),
    unit: row.unit ?? '',
    amount: storedDecimal(row.amount),
    currency: row.currency,
    meter_version: meterVersion ?? 0,
    fence: String(fence),
    priced_at: storedTime(row.pricedAtMs),
    in_force: row.inForce,
  };
}

function storedDecimal(text: string): string {
  const stored = columnDecimal(text, AMOUNT);
  if (stored === null) throw refused('a quantity or amount does not fit Decimal(76,28)');
  return stored;
}

/** `version` is made of `priced_at`, and must not be below zero. */
function storedTime(timeMs: number): string {
  if (!isColumnTime(timeMs) || timeMs < 0)
    throw refused('a time of a priced row is outside the years 1970 to 2299');
  return columnTime(timeMs);
}
