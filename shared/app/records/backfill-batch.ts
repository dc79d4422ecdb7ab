import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { ITEM_FORMAT, itemFormat } from './item-format.ts';

/** Where the events of one batch are: written with the count of batches, so that a number has one batch. */
export function backfillBatchKey(tenant: string, backfill: string, number: number): ItemKey {
  return { pk: `tenant#${tenant}#backfill#${backfill}`, sk: String(number).padStart(8, '0') };
}

const batchItem = z.object({ v: itemFormat, batch: z.string(), receivedAtMs: z.int() });

export type BackfillBatch = Readonly<Omit<z.output<typeof batchItem>, 'v'>>;

export function backfillBatchToItem(key: ItemKey, record: BackfillBatch): Item {
  return { ...key, v: ITEM_FORMAT, ...record };
}

export function backfillBatchFromItem(item: Item): BackfillBatch {
  const { v: _format, ...record } = batchItem.parse(item);
  return record;
}
