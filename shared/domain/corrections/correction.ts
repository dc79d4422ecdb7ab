import { canonicalJson } from '../../kernel/canonical-json.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { eventFingerprint, type UsageEvent } from '../events/event.ts';

/** A client's word that an event was wrong. The same revision is the same correction, however often it is sent. */
export interface Correction {
  readonly source: string;
  readonly id: string;
  /** The client's count of corrections of this event, from 1. */
  readonly revision: number;
  readonly action: 'amend' | 'revoke';
  /** When the event said that it happened, before it was corrected; epoch ms. Null: the client did not say. */
  readonly eventTimeMs: number | null;
  readonly reason: string;
  /** What the event is from now on, whole and of the same identity; null for a revoke. */
  readonly event: UsageEvent | null;
}

/** SHA-256 (hex) of what a correction does; its reason may be worded anew. */
export function correctionFingerprint({ action, event }: Correction): string {
  return sha256Hex(canonicalJson({ action, event: event === null ? null : eventFingerprint(event) }));
}
