import { z } from 'zod';
import { formatInstant } from '../../kernel/time.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat, present } from './item-format.ts';

/** Where the index lists a tenant's subscriptions with quarantined lines, by their newest line. */
export function quarantineOwner(tenant: string): string {
  return `tenant#${tenant}#lines-quarantined`;
}

export function quarantineKey(tenant: string, subscription: string): ItemKey {
  return { pk: quarantineOwner(tenant), sk: subscription };
}

const quarantineItem = z.object({
  v: itemFormat,
  /** Keys. */
  subscription: z.string(),
  customer: z.string(),
  /** Raised by every write, so that of two at the same time one fails. */
  revision: z.int().positive(),
  count: z.int().positive(),
  /** When the newest of them was quarantined, on the tenant's clock. */
  newestMs: epochMs,
  /** Lines as canonical JSON, or the object that holds this text where it is too long for an item. */
  lines: z.string().nullable().default(null),
  linesObject: z.string().nullable().default(null),
});

/** Which lines of a subscription are on no invoice because they could not be made. It goes with the last of them. */
export type QuarantineRecord = Readonly<Omit<z.output<typeof quarantineItem>, 'v'>>;

export function quarantineToItem(tenant: string, record: QuarantineRecord): Item {
  return {
    ...quarantineKey(tenant, record.subscription),
    ownerPk: quarantineOwner(tenant),
    ownerSk: quarantineOrder(record),
    v: ITEM_FORMAT,
    ...present(record),
  };
}

/** The sort key of a record in the index. */
export function quarantineOrder({ newestMs, subscription }: QuarantineRecord): string {
  return `${formatInstant(newestMs)}#${subscription}`;
}

/** Throws when the item is no such record: then the store holds something we never wrote. */
export function quarantineFromItem(item: Item): QuarantineRecord {
  const { v: _format, ...record } = quarantineItem.parse(item);
  return record;
}

const quarantinedLines = z.array(
  z.object({
    /** Key. */
    charge: z.string(),
    kind: z.enum(['usage', 'recurring', 'adjustment']),
    planVersion: z.int().positive(),
    startMs: epochMs,
    endMs: epochMs,
    /** The invoice that it was missing on first. */
    invoice: z.string(),
    /** Why it could not be made when it was tried last. */
    code: z.string(),
    message: z.string(),
    /** On the tenant's clock. */
    quarantinedAtMs: epochMs,
    triedAtMs: epochMs,
  }),
);

export type QuarantinedLineRecord = Readonly<z.output<typeof quarantinedLines>[number]>;

/** Throws when the text is not of such lines: then the store holds something we never wrote. */
export function quarantinedLinesFromText(text: string): readonly QuarantinedLineRecord[] {
  return quarantinedLines.parse(JSON.parse(text));
}

/** How many lines of a subscription are quarantined, of all tenants: read to know how many there are. */
export const QUARANTINE_COUNTS_PARTITION = 'lines-quarantined';

export function quarantineCountKey(tenant: string, subscription: string): ItemKey {
  return { pk: QUARANTINE_COUNTS_PARTITION, sk: `${tenant}#${subscription}` };
}

export function quarantineCountToItem(tenant: string, { subscription, count }: QuarantineRecord): Item {
  return { ...quarantineCountKey(tenant, subscription), v: ITEM_FORMAT, count };
}

const countItem = z.object({ v: itemFormat, count: z.int().positive() });

export function quarantineCountFromItem(item: Item): number {
  return countItem.parse(item).count;
}
