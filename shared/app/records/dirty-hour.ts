import { formatInstant } from '../../kernel/time.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';

const HOUR_MS = 3_600_000;

/** An hour of one meter whose rollups may not equal its rows; it is answered from the rows. */
export function dirtyPartition(tenant: string, meter: string): string {
  return `dirty#${tenant}#${meter}`;
}

export function dirtyHourKey(tenant: string, meter: string, hourMs: number): ItemKey {
  return { pk: dirtyPartition(tenant, meter), sk: formatInstant(hourMs) };
}

export function dirtyHourToItem(tenant: string, meter: string, hourMs: number): Item {
  return { ...dirtyHourKey(tenant, meter, hourMs), hourMs };
}

export function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS) * HOUR_MS;
}
