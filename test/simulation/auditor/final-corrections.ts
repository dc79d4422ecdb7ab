import type { ApiReader } from '../api-reads.ts';
import type { SimulatedTenant } from '../tenants.ts';
import type { Auditor } from './auditor.ts';
import { correctionContent, type KnownRevisions } from './corrections.ts';
import { acceptedMs, firstSentMs, identityOf, mayBeStored, type Payload, type SentEvent } from './ledger.ts';

/** A change of an event as the API lists it. */
interface ListedChange {
  readonly id: string;
  readonly source: string;
  readonly revision: number | null;
  readonly action: string;
  readonly status: 'applied' | 'waiting' | 'conflict';
  readonly event: ListedPayload | null;
}

interface ListedPayload {
  readonly type: string;
  readonly customer: string;
  readonly time: string | null;
  readonly properties: SentEvent['properties'];
}

/** What an event is by its corrections: that of the greatest revision that has all before it. */
export interface CorrectedEvent {
  /** Null: it was taken back. As if it had been sent when the last of the corrections that made it was. */
  readonly payload: Payload | null;
  /** When all that was ever said of it was accepted; null: something may not have been. */
  readonly settledMs: number | null;
}

interface Listed {
  readonly applied: Map<number, string>;
  readonly waiting: Map<number, string>;
  readonly conflicts: Set<string>;
}

/**
 * Revisions took effect from 1 without a gap, each once; what is ahead waits and is listed, what another correction was
 * faster than is listed as a conflict (P1, P2); nothing is listed that this tenant did not send (P10).
 */
export async function checkCorrections(
  auditor: Auditor,
  tenant: SimulatedTenant,
  reader: ApiReader,
): Promise<ReadonlyMap<string, CorrectedEvent>> {
  const known = auditor.corrections.ofTenant(tenant.key);
  const listed = collect(auditor, tenant, (await reader.list<ListedChange>('/v1/corrections')) ?? []);
  const corrected = new Map<string, CorrectedEvent>();
  for (const [key, revisions] of known) {
    const found = listed.get(key) ?? { applied: new Map(), waiting: new Map(), conflicts: new Set() };
    checkRevisions(auditor, `${tenant.key} ${key}`, revisions, found);
    if (found.applied.size > 0) corrected.set(key, correctedBy(revisions, found.applied));
  }
  return corrected;
}

function collect(
  { verdict, corrections }: Auditor,
  tenant: SimulatedTenant,
  changes: readonly ListedChange[],
): ReadonlyMap<string, Listed> {
  const listed = new Map<string, Listed>();
  for (const change of changes) {
    const { revision, status, event } = change;
    if (revision === null) continue;
    const key = identityOf(change);
    const content = correctionContent(event === null ? null : asSent(change, event));
    const sent = corrections.ofTenant(tenant.key).get(key)?.get(revision)?.get(content);
    if (sent === undefined || !mayBeStored(sent)) {
      verdict.broken('P10', `${tenant.key} lists a correction that nobody sent: ${JSON.stringify(change)}`);
      continue;
    }
    const found = listed.get(key) ?? { applied: new Map(), waiting: new Map(), conflicts: new Set() };
    listed.set(key, found);
    if (status === 'conflict') {
      found.conflicts.add(`${revision} ${content}`);
      continue;
    }
    const other = found[status].get(revision);
    if (other !== undefined)
      verdict.broken(
        'P2',
        `${tenant.key} ${key}: revision ${revision} is ${status} twice: ${other}, ${content}`,
      );
    found[status].set(revision, content);
  }
  return listed;
}

function asSent(
  { source, id }: ListedChange,
  { type, customer, time, properties }: ListedPayload,
): SentEvent {
  const sentTime = time === null ? {} : { time: new Date(Date.parse(time)).toISOString() };
  return { source, id, type, customer, ...sentTime, properties };
}

function checkRevisions(
  { verdict }: Auditor,
  name: string,
  revisions: KnownRevisions,
  { applied, waiting, conflicts }: Listed,
): void {
  const last = applied.size;
  const broken = (what: string) => verdict.broken('P1', `${name}: ${what}, applied: ${[...applied.keys()]}`);
  if (Math.max(0, ...applied.keys()) !== last) broken('a revision was applied before its predecessor');
  for (const revision of waiting.keys()) {
    if (revision <= last + 1) broken(`revision ${revision} waits for nothing`);
  }
  for (const [revision, contents] of revisions) {
    const holding = applied.get(revision) ?? waiting.get(revision);
    for (const [content, correction] of contents) {
      if (acceptedMs(correction) === null) continue;
      verdict.checked('corrections');
      if (holding === undefined) broken(`revision ${revision} was accepted and is nowhere`);
      else if (holding !== content && !conflicts.has(`${revision} ${content}`))
        verdict.broken('P2', `${name}: no conflict is listed for revision ${revision}: ${content}`);
    }
    if (holding !== undefined && conflicts.has(`${revision} ${holding}`))
      verdict.broken('P2', `${name}: what holds as revision ${revision} is listed as a conflict: ${holding}`);
  }
  verdict.checked('corrections that wait', waiting.size);
  verdict.checked('conflicts of corrections', conflicts.size);
}

function correctedBy(revisions: KnownRevisions, applied: ReadonlyMap<number, string>): CorrectedEvent {
  const made = [...applied].flatMap(([revision, content]) => revisions.get(revision)?.get(content) ?? []);
  const all = [...revisions.values()].flatMap((contents) => [...contents.values()]);
  const settledMs = latest(all.map(acceptedMs));
  const last = made.find(({ correction }) => correction.revision === applied.size);
  const event = last?.correction.event ?? null;
  if (event === null) return { payload: null, settledMs };
  const sentMs = Math.max(...made.map(firstSentMs));
  const acceptedAtMs = latest(made.map(acceptedMs));
  const outcome = acceptedAtMs === null ? 'unknown' : 'accepted';
  return { payload: { event, attempts: [{ sentMs, endedMs: acceptedAtMs, outcome }] }, settledMs };
}

function latest(times: readonly (number | null)[]): number | null {
  return times.some((ms) => ms === null) ? null : Math.max(...times.map((ms) => ms ?? 0));
}
