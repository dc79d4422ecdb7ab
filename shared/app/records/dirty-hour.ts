import { z } from 'zod';
import { formatInstant } from '../../kernel/time.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs } from './item-format.ts';

const HOUR_MS = 3_600_000;
const dirtyHourItem = z.object({ hourMs: epochMs });

/** An hour of one meter whose rollups may not equal its rows; it is answered from the rows. */
export function dirtyPartition(tenant: string, meter: string): string {
  return `dirty#${tenant}#${meter}`;
}

function dirtyHourKey(tenant: string, meter: string, hourMs: number): ItemKey {
  return { pk: dirtyPartition(tenant, meter), sk: formatInstant(hourMs) };
}

export function dirtyHourToItem(tenant: string, meter: string, hourMs: number): Item {
  return { ...dirtyHourKey(tenant, meter, hourMs), hourMs };
}

export function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS) * HOUR_MS;
}

export function dirtyHourFromItem(item: Item): number {
  return dirtyHourItem.parse(item).hourMs;
}
