import type { SimulatedTenant } from '../tenants.ts';
import { customerNamed, inForce, type KnownMeter } from './catalogue-ledger.ts';
import { amendedTo, type CorrectionLedger, type KnownRevisions } from './corrections.ts';
import type { CountedEvent } from './fold.ts';
import {
  acceptedMs,
  type EventLedger,
  firstSentMs,
  mayBeStored,
  type Payload,
  type SentIdentity,
} from './ledger.ts';
import { evaluate, type SimulatedMeter } from './meters.ts';

/** A stretch of usage that somebody asks for. */
export interface UsageScope {
  readonly fromMs: number;
  readonly toMs: number;
  readonly customer: string | null;
  readonly region: string | null;
}

/** What an answer must have counted at least, and may have counted at most, by what is known while the system runs. */
export interface UsageBounds {
  readonly certain: readonly CountedEvent[];
  readonly possible: readonly CountedEvent[];
  /** Of these, what a correction may have taken back already although it is not counted yet. */
  readonly takenBack: readonly CountedEvent[];
}

interface Asked {
  readonly tenant: SimulatedTenant;
  readonly ledger: EventLedger;
  readonly corrections: CorrectionLedger;
  readonly meter: KnownMeter;
  readonly scope: UsageScope;
  readonly completeMs: number;
  readonly answeredMs: number;
}

/**
 * Certain: accepted before `completeMs`, never sent with another content or corrected, of a customer and for a meter that
 * nobody changed. Possible: whatever left a client before the answer came.
 */
export function usageBounds(input: Asked): UsageBounds {
  const { tenant, ledger, meter, scope, completeMs, answeredMs } = input;
  const corrections = input.corrections.ofTenant(tenant.key);
  const certain: CountedEvent[] = [];
  const takenBack = [...corrections.values()].flatMap((revisions) => amendedIn(input, revisions));
  const possible = [...takenBack];
  for (const [key, identity] of ledger.ofTenant(tenant.key)) {
    const payloads = [...identity.payloads.values()];
    for (const payload of payloads) {
      if (firstSentMs(payload) > answeredMs || !mayBeStored(payload)) continue;
      possible.push(...formerly(input, identity, payload));
      const counted = countedBy(tenant, meter.meter, identity, payload, scope);
      if (counted === null) continue;
      possible.push(counted.event);
      if (corrections.has(key)) takenBack.push(counted.event);
      const accepted = acceptedMs(payload);
      const isAlone = payloads.length === 1 && !corrections.has(key);
      const isSettled = accepted !== null && accepted <= completeMs && isAlone;
      const isInForce = inForce(meter, firstSentMs(payload)) === 'yes' && meter.former.length === 0;
      if (isSettled && isInForce && counted.isCertain) certain.push(counted.event);
    }
  }
  return { certain, possible, takenBack };
}

/** What corrections may have made of an event. */
function amendedIn(input: Asked, revisions: KnownRevisions): CountedEvent[] {
  const { tenant, meter, scope, answeredMs } = input;
  return amendedTo(revisions).flatMap(({ correction: { source, id, event }, attempts }) => {
    if (event === null || firstSentMs({ attempts }) > answeredMs) return [];
    const payload = { event, attempts };
    const counted = countedBy(tenant, meter.meter, { source, id }, payload, scope)?.event ?? [];
    return [...formerly(input, { source, id }, payload), counted].flat();
  });
}

/** What the meter made of an event before it was changed. */
function formerly(
  { tenant, meter, scope }: Asked,
  identity: Pick<SentIdentity, 'source' | 'id'>,
  payload: Payload,
): readonly CountedEvent[] {
  return meter.former.flatMap((former) => countedBy(tenant, former, identity, payload, scope)?.event ?? []);
}

function countedBy(
  tenant: SimulatedTenant,
  meter: SimulatedMeter,
  { source, id }: Pick<SentIdentity, 'source' | 'id'>,
  payload: Payload,
  scope: UsageScope,
): { readonly event: CountedEvent; readonly isCertain: boolean } | null {
  const { event } = payload;
  const outcome = evaluate(meter, event);
  if (outcome.kind !== 'counted') return null;
  const customer = customerNamed(tenant.catalogue, event.customer);
  if (customer === undefined) return null;
  if (scope.customer !== null && customer.key !== scope.customer) return null;
  if (scope.region !== null && outcome.region !== scope.region) return null;
  const timeMs = event.time === undefined ? null : Date.parse(event.time);
  // Whoever sends no time does not know in which stretch it falls.
  if (timeMs !== null && (timeMs < scope.fromMs || timeMs >= scope.toMs)) return null;
  const isKnown = inForce(customer, firstSentMs(payload)) === 'yes';
  const { quantity, uniqueKey } = outcome;
  return {
    event: { source, id, timeMs: timeMs ?? scope.fromMs, quantity, uniqueKey },
    isCertain: timeMs !== null && isKnown,
  };
}
