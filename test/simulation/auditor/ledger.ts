import { canonicalJson, type JsonObject } from '../../../shared/kernel/canonical-json.ts';

/** An event as a client sends it. */
export interface SentEvent {
  readonly source?: string;
  readonly id: string;
  readonly type: string;
  readonly customer: string;
  readonly time?: string;
  readonly properties: JsonObject;
}

/** One request that carried an event. Times are true time, ms. */
export interface Attempt {
  readonly sentMs: number;
  endedMs: number | null;
  outcome: 'pending' | 'accepted' | 'rejected' | 'unknown';
}

/** All requests that carried one identity with one content. */
export interface Payload {
  readonly event: SentEvent;
  readonly attempts: Attempt[];
}

/** What clients know of one identity. */
export interface SentIdentity {
  readonly tenant: string;
  readonly source: string;
  readonly id: string;
  /** By content, in the order they were first sent. */
  readonly payloads: Map<string, Payload>;
}

/** What clients sent and which answers they got: all that the auditor knows. */
export interface EventLedger {
  /** A request that carries the event leaves; tell the attempt what became of it. */
  send(tenant: string, event: SentEvent, sentMs: number): Attempt;
  ofTenant(tenant: string): ReadonlyMap<string, SentIdentity>;
  count(): number;
}

const DEFAULT_SOURCE = 'default';

export function identityOf(event: Pick<SentEvent, 'source' | 'id'>): string {
  return JSON.stringify([event.source ?? DEFAULT_SOURCE, event.id]);
}

/** Two events are the same content when a client that compares everything but the identity sees no difference. */
export function contentOf({ type, customer, time, properties }: SentEvent): string {
  return canonicalJson({ type, customer, time: time ?? null, properties });
}

export function createEventLedger(): EventLedger {
  const tenants = new Map<string, Map<string, SentIdentity>>();
  const of = (tenant: string) => {
    const known = tenants.get(tenant) ?? new Map<string, SentIdentity>();
    tenants.set(tenant, known);
    return known;
  };
  return {
    send: (tenant, event, sentMs) => {
      const identities = of(tenant);
      const key = identityOf(event);
      const { source = DEFAULT_SOURCE, id } = event;
      const identity = identities.get(key) ?? { tenant, source, id, payloads: new Map() };
      identities.set(key, identity);
      const content = contentOf(event);
      const payload = identity.payloads.get(content) ?? { event, attempts: [] };
      identity.payloads.set(content, payload);
      const attempt: Attempt = { sentMs, endedMs: null, outcome: 'pending' };
      payload.attempts.push(attempt);
      return attempt;
    },
    ofTenant: of,
    count: () => [...tenants.values()].reduce((sum, { size }) => sum + size, 0),
  };
}

/** When the first request that carried it left. */
export function firstSentMs({ attempts }: Pick<Payload, 'attempts'>): number {
  return Math.min(...attempts.map(({ sentMs }) => sentMs));
}

/** When a client first knew that it was accepted; null: never. */
export function acceptedMs({ attempts }: Pick<Payload, 'attempts'>): number | null {
  const ends = attempts.filter(({ outcome }) => outcome === 'accepted').map(({ endedMs }) => endedMs ?? 0);
  return ends.length === 0 ? null : Math.min(...ends);
}

/** Whether it may be in the stream: some request was not refused for certain. */
export function mayBeStored({ attempts }: Pick<Payload, 'attempts'>): boolean {
  return attempts.some(({ outcome }) => outcome !== 'rejected');
}
