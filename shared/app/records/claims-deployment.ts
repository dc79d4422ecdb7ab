import { z } from 'zod';
import type { ClaimsMode } from '../../ports/claims.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat } from './item-format.ts';

export const CLAIMS_DEPLOYMENT_KEY: ItemKey = { pk: 'deployment', sk: 'claims' };

const fields = { v: itemFormat, parts: z.literal([1, 4, 16]), keyCheck: z.string(), version: z.int() };
const deploymentItem = z.discriminatedUnion('mode', [
  z.object({ ...fields, mode: z.literal(['exact', 'packed-transition']) }),
  z.object({ ...fields, mode: z.literal('packed'), exactUntilMs: epochMs }),
]);

export type ClaimsParts = z.output<(typeof fields)['parts']>;

/** How claims are kept, for everybody who makes any. */
export interface ClaimsDeployment {
  readonly mode: ClaimsMode;
  readonly parts: ClaimsParts;
  /** Of the key of their hashes, which the store does not hold: another key would find none of them. */
  readonly keyCheck: string;
  /** Raised by every change. */
  readonly version: number;
}

export function claimsDeploymentToItem({ mode, ...rest }: ClaimsDeployment): Item {
  const { kind, ...until } = mode;
  return { ...CLAIMS_DEPLOYMENT_KEY, v: ITEM_FORMAT, mode: kind, ...until, ...rest };
}

/** Throws when the item is not one of ours. */
export function claimsDeploymentFromItem(item: Item): ClaimsDeployment {
  const { v: _format, parts, keyCheck, version, ...mode } = deploymentItem.parse(item);
  if (mode.mode !== 'packed') return { mode: { kind: mode.mode }, parts, keyCheck, version };
  return { mode: { kind: 'packed', exactUntilMs: mode.exactUntilMs }, parts, keyCheck, version };
}
