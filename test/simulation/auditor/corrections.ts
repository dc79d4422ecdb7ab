import { type Attempt, contentOf, identityOf, type SentEvent } from './ledger.ts';

/** A correction as a client sends it. */
export interface SentCorrection {
  readonly source: string;
  readonly id: string;
  readonly revision: number;
  /** What the event is from then on; null: it is taken back. */
  readonly event: SentEvent | null;
}

/** All requests that carried one content under one revision of one event. */
export interface KnownCorrection {
  readonly correction: SentCorrection;
  readonly attempts: Attempt[];
}

/** What clients know of the corrections of one event: by revision, then by content. */
export type KnownRevisions = ReadonlyMap<number, ReadonlyMap<string, KnownCorrection>>;

/** What clients said that events should have been, and which answers they got. */
export interface CorrectionLedger {
  send(tenant: string, correction: SentCorrection, sentMs: number): Attempt;
  /** By identity. */
  ofTenant(tenant: string): ReadonlyMap<string, KnownRevisions>;
}

/** Two corrections are the same when they make the same of the event. */
export function correctionContent(event: SentCorrection['event']): string {
  return event === null ? 'revoke' : `amend ${contentOf(event)}`;
}

export function createCorrectionLedger(): CorrectionLedger {
  const tenants = new Map<string, Map<string, Map<number, Map<string, KnownCorrection>>>>();
  return {
    send: (tenant, correction, sentMs) => {
      const identities = getOrAdd(tenants, tenant, () => new Map());
      const revisions = getOrAdd(identities, identityOf(correction), () => new Map());
      const contents = getOrAdd(revisions, correction.revision, () => new Map());
      const content = correctionContent(correction.event);
      const known = getOrAdd<string, KnownCorrection>(contents, content, () => ({
        correction,
        attempts: [],
      }));
      const attempt: Attempt = { sentMs, endedMs: null, outcome: 'pending' };
      known.attempts.push(attempt);
      return attempt;
    },
    ofTenant: (tenant) => tenants.get(tenant) ?? new Map(),
  };
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}

/** All contents that the event was ever said to have. */
export function amendedTo(revisions: KnownRevisions | undefined): readonly KnownCorrection[] {
  return [...(revisions?.values() ?? [])].flatMap((contents) => [...contents.values()]);
}
