import { z } from 'zod';
import { ANALYTICS_TABLES } from '../../domain/metering/rows.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs } from './item-format.ts';

/** Rows of one tenant that a store refuses: durable in the plan, listed here, and holding back that tenant only. */
const parkedItem = z.object({
  tenant: z.string(),
  chunk: z.string(),
  table: z.enum(ANALYTICS_TABLES),
  partition: z.string(),
  rows: z.int(),
  reason: z.string(),
  parkedAtMs: epochMs,
  /** The tenant's watermark may not go beyond this while the part is parked. */
  watermarkMs: epochMs,
});
export type ParkedPart = Readonly<z.output<typeof parkedItem>>;

/** All parked parts, for the sweeper and the operator: there should be none. */
export const PARKED_PARTITION = 'parked';

export function parkedPartition(tenant: string): string {
  return `${PARKED_PARTITION}#${tenant}`;
}

export function parkedKey(part: Pick<ParkedPart, 'tenant' | 'chunk' | 'table' | 'partition'>): ItemKey {
  return { pk: parkedPartition(part.tenant), sk: `${part.chunk}/${part.table}/${part.partition}` };
}

export function parkedToItem(part: ParkedPart): Item {
  const key = parkedKey(part);
  return { ...key, ownerPk: PARKED_PARTITION, ownerSk: `${part.tenant}/${key.sk}`, ...part };
}

export function parkedFromItem(item: Item): ParkedPart {
  return parkedItem.parse(item);
}
