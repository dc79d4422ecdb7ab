import { z } from 'zod';
import { formatInstant } from '../../kernel/time.ts';
import type { Item } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat } from './item-format.ts';

export function auditPartition(tenant: string): string {
  return `tenant#${tenant}#audit`;
}

/** Kept as text: items hold no fractions. */
const content = z
  .string()
  .transform((text) => z.record(z.string(), z.unknown()).nullable().parse(JSON.parse(text)));

const auditItem = z.object({
  v: itemFormat,
  id: z.string(),
  /** Wall time. */
  atMs: epochMs,
  /** The id of the key that asked for it. */
  keyId: z.string(),
  action: z.string(),
  /** Of what: `backfill/bf_…`. */
  target: z.string(),
  reason: z.string().nullable(),
  before: content,
  after: content,
});

/** Who changed what, when and why; written in the transaction of the change, and never again. */
export type AuditEntry = Readonly<Omit<z.output<typeof auditItem>, 'v'>>;

export function auditToItem(tenant: string, entry: AuditEntry): Item {
  const { before, after, ...told } = entry;
  const content = { before: JSON.stringify(before), after: JSON.stringify(after) };
  const sk = `${formatInstant(entry.atMs)}#${entry.id}`;
  return { pk: auditPartition(tenant), sk, v: ITEM_FORMAT, ...told, ...content };
}

/** Throws when the item is no entry: then the store holds something we never wrote. */
export function auditFromItem(item: Item): AuditEntry {
  const { v: _format, ...entry } = auditItem.parse(item);
  return entry;
}
