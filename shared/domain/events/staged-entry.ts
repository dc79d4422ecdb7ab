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

/** One event of a chunk, or one piece that cannot be read and goes to quarantine. */
export type StagedEntry =
  | (StagedOrigin & { readonly kind: 'event'; readonly event: UsageEvent })
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
