import { TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import {
  type TouchedPeriod,
  touchedPeriodFromItem,
  touchedPeriodsPartition,
} from '../records/touched-period.ts';

/** The touched periods of a subscription as they were read. */
export interface TouchedPeriods {
  /** The oldest ones, as many as one closing counts again. */
  readonly periods: readonly TouchedPeriod[];
  readonly isMore: boolean;
}

export const NOTHING_TOUCHED: TouchedPeriods = { periods: [], isMore: false };

/** Strongly consistent. */
export async function readTouchedPeriods(
  items: ItemStore,
  tenant: string,
  subscription: string,
): Promise<TouchedPeriods> {
  const page = await items.query({
    table: TABLES.main,
    pk: touchedPeriodsPartition(tenant, subscription),
    limit: LIMITS.touchedPeriodsPerClosing,
  });
  return { periods: page.items.map(touchedPeriodFromItem), isMore: page.next !== undefined };
}
