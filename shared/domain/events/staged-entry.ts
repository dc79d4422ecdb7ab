import type { Correction } from '../corrections/correction.ts';
import type { Recount } from '../corrections/recount.ts';
import type { UsageEvent } from './event.ts';

interface StagedOrigin {
  /** Identity of the delivery: shard, position and index within the envelope. */
  readonly entry: string;
  /** '' for a record whose tenant cannot be read. */
  readonly tenant: string;
  /** The number of the fence that the envelope lies behind. */
  readonly fence: number;
  readonly receivedAtMs: number;
}

/** One event of a chunk, what changes an earlier one, or one piece that cannot be read and goes to quarantine. */
export type StagedEntry =
  | (StagedOrigin & {
      readonly kind: 'event';
      readonly event: UsageEvent;
      /** Of a backfill: not of the window in which events are accepted. */
      readonly anyTime?: true;
      /** The tables know the event, longer than its claim lived: it is a resend of that one. */
      readonly owner?: { readonly chunk: string; readonly fingerprint: string };
    })
  | (StagedOrigin & { readonly kind: 'correction'; readonly correction: Correction })
  | (StagedOrigin & { readonly kind: 'recount'; readonly recount: Recount })
  | (StagedOrigin & {
      readonly kind: 'unreadable';
      readonly code: string;
      readonly message: string;
      readonly content: string;
    });

/** One text for one identity (tenant, source, id), whatever characters they hold. */
export function identityKey(identity: {
  readonly tenant: string;
  readonly source: string;
  readonly id: string;
}): string {
  return JSON.stringify([identity.tenant, identity.source, identity.id]);
}
