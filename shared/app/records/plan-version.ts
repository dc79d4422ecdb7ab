import { z } from 'zod';
import { chargesSchema } from '../../contracts/http/charges.ts';
import type { Charge } from '../../domain/rating/charge.ts';
import { assertJsonValue, canonicalJson } from '../../kernel/canonical-json.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { ITEM_FORMAT, itemFormat } from './item-format.ts';
import { type VersionHead, versionHeadSchema } from './plan.ts';

const VERSION_DIGITS = 6;

/** A partition for each plan; sort keys order as the numbers do. */
export function planVersionKey(input: {
  readonly tenant: string;
  readonly plan: string;
  readonly version: number;
}): ItemKey {
  return {
    pk: `tenant#${input.tenant}#plan#${input.plan}`,
    sk: `version#${String(input.version).padStart(VERSION_DIGITS, '0')}`,
  };
}

const planVersionItem = versionHeadSchema.extend({
  v: itemFormat,
  plan: z.string(),
  /** As canonical JSON: what prices an invoice is one text, byte for byte. */
  charges: z.string(),
  etag: z.int(),
});

export interface PlanVersionRecord extends VersionHead {
  readonly plan: string;
  /** As clients sent them. */
  readonly charges: readonly Charge[];
  /** Raised by every change; the ETag. */
  readonly etag: number;
}

export function planVersionToItem(tenant: string, record: PlanVersionRecord): Item {
  const charges = chargesText(record.charges);
  return { ...planVersionKey({ tenant, ...record }), v: ITEM_FORMAT, ...record, charges };
}

/** Throws when the item is not a version: then the store holds something we never wrote. */
export function planVersionFromItem(item: Item): PlanVersionRecord {
  const { v: _format, charges, ...record } = planVersionItem.parse(item);
  return { ...record, charges: chargesSchema.parse(JSON.parse(charges)) };
}

/** The text that is stored. */
export function chargesText(charges: readonly Charge[]): string {
  const value: unknown = charges;
  assertJsonValue(value);
  return canonicalJson(value);
}
