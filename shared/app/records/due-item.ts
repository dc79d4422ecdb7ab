import { z } from 'zod';
import { formatInstant } from '../../kernel/time.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat } from './item-format.ts';

/** All due items are found under this owner in the index, by instant. */
export const DUE_OWNER = 'due';

/** The partition of a tenant's due items; sort keys order by instant. */
export function duePartition(tenant: string): string {
  return `tenant#${tenant}#due`;
}

/** `grace_end` is of an invoice, the others are of a subscription. */
const dueKindSchema = z.enum(['period_start', 'period_end', 'follow_up', 'grace_end']);

const dueItem = z.object({
  v: itemFormat,
  tenant: z.string(),
  dueAtMs: epochMs,
  kind: dueKindSchema,
  /** Key of the subscription, or id of the invoice. */
  id: z.string(),
});

/** Something that is to happen at an instant of the tenant's clock. All of it is its name: it never changes. */
export type DueRecord = Readonly<Omit<z.output<typeof dueItem>, 'v'>>;

export function dueKey({ tenant, dueAtMs, kind, id }: DueRecord): ItemKey {
  return { pk: duePartition(tenant), sk: `${formatInstant(dueAtMs)}#${kind}#${id}` };
}

export function dueToItem(record: DueRecord): Item {
  const { tenant, dueAtMs, kind, id } = record;
  return {
    ...dueKey(record),
    ownerPk: DUE_OWNER,
    ownerSk: `${formatInstant(dueAtMs)}#${tenant}#${kind}#${id}`,
    v: ITEM_FORMAT,
    tenant,
    dueAtMs,
    kind,
    id,
  };
}

/** Throws when the item is not a due item: then the store holds something we never wrote. */
export function dueFromItem(item: Item): DueRecord {
  const { v: _format, ...record } = dueItem.parse(item);
  return record;
}

/** The greatest sort key, of the table and of the index, of anything due at the instant: `$` comes after `#`. */
export function dueThrough(untilMs: number): string {
  return `${formatInstant(untilMs)}$`;
}
