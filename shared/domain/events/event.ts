import { canonicalJson, type JsonObject } from '../../kernel/canonical-json.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { formatInstant } from '../../kernel/time.ts';

/** An accepted billable event, as it travels and is stored. Its identity is (tenant, source, id). */
export interface UsageEvent {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  /** The customer's key or one of its subjects, as sent. */
  readonly customer: string;
  /** Epoch ms; the receive time when the client sent none. */
  readonly timeMs: number;
  readonly timeSent: boolean;
  readonly properties: JsonObject;
}

/** One text for one event of a tenant, whatever characters its source and id hold. */
export function eventKey({ source, id }: Pick<UsageEvent, 'source' | 'id'>): string {
  return JSON.stringify([source, id]);
}

/**
 * What makes two deliveries of one identity the same event: SHA-256 (hex) of its canonical {type, customer, time,
 * properties}. An absent time stays null, so that a resend without time is not taken for another payload; a sent
 * time counts as the instant that it names, however it was written.
 */
export function eventFingerprint(event: UsageEvent): string {
  return sha256Hex(
    canonicalJson({
      type: event.type,
      customer: event.customer,
      time: event.timeSent ? formatInstant(event.timeMs) : null,
      properties: event.properties,
    }),
  );
}
