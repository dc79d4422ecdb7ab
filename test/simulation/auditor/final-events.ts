import type { ApiReader } from '../api-reads.ts';
import type { SimulatedTenant } from '../tenants.ts';
import type { Auditor } from './auditor.ts';
import { customerNamed, heldSince, inForce } from './catalogue-ledger.ts';
import { amendedTo } from './corrections.ts';
import type { CorrectedEvent } from './final-corrections.ts';
import {
  acceptedMs,
  contentOf,
  firstSentMs,
  identityOf,
  mayBeStored,
  type Payload,
  type SentEvent,
  type SentIdentity,
} from './ledger.ts';

/** An event as the API lists it. */
export interface ListedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly customer: string | null;
  readonly customerReference: string;
  readonly time: string;
  readonly timeSent: boolean;
  readonly properties: SentEvent['properties'];
  readonly status: 'counted' | 'unattributed' | 'quarantined' | 'revoked';
  readonly reason: string | null;
}

/** An identity with the content that counts. */
export interface StoredEvent {
  readonly identity: Pick<SentIdentity, 'source' | 'id'>;
  readonly payload: Payload;
  /** By its client, after it was sent. */
  readonly isCorrected: boolean;
  readonly listed: ListedEvent;
}

/** All events of a tenant that count, and what became of those that were corrected. */
export interface FinalEvents {
  readonly stored: ReadonlyMap<string, StoredEvent>;
  readonly corrected: ReadonlyMap<string, CorrectedEvent>;
}

/**
 * Every event that was accepted is there once, with a content that was sent under its identity and may have been the first
 * (P1, P2); nothing is there that this tenant did not send (P10).
 */
export function checkStoredEvents(
  auditor: Auditor,
  tenant: SimulatedTenant,
  listed: readonly ListedEvent[],
  corrected: ReadonlyMap<string, CorrectedEvent>,
): ReadonlyMap<string, StoredEvent> {
  const { verdict } = auditor;
  const sent = auditor.events.ofTenant(tenant.key);
  const stored = new Map<string, StoredEvent>();
  for (const event of listed.filter((each) => !corrected.has(identityOf(each)))) {
    const key = identityOf(event);
    const name = `${tenant.key} ${key}`;
    const identity = sent.get(key);
    if (identity === undefined) {
      verdict.broken('P10', `${name} is listed, and this tenant never sent it`);
      continue;
    }
    if (stored.has(key)) verdict.broken('P2', `${name} is listed twice`);
    const payload = identity.payloads.get(contentOf(asSent(event)));
    if (payload === undefined || !mayBeStored(payload)) {
      verdict.broken('P10', `${name} has a content that was never accepted: ${JSON.stringify(event)}`);
      continue;
    }
    if (event.status === 'revoked') verdict.broken('P1', `${name} is revoked, and nobody took it back`);
    stored.set(key, { identity, payload, listed: event, isCorrected: false });
  }
  for (const [key, identity] of sent) {
    if (!corrected.has(key)) checkIdentity(auditor, tenant, identity, stored.get(key));
  }
  for (const [key, event] of corrected) {
    const found = listed.filter((each) => identityOf(each) === key);
    const current = checkCorrected(auditor, tenant, { key, event, listed: found });
    if (current !== null) stored.set(key, current);
  }
  verdict.checked('events stored', stored.size);
  return stored;
}

/** It is what its last correction made it, and nothing where that took it back (P3). */
function checkCorrected(
  { verdict }: Auditor,
  tenant: SimulatedTenant,
  input: {
    readonly key: string;
    readonly event: CorrectedEvent;
    readonly listed: readonly ListedEvent[];
  },
): StoredEvent | null {
  const { key, event, listed } = input;
  const name = `${tenant.key} ${key}`;
  const [first] = listed;
  verdict.checked('events as they were corrected');
  if (listed.length > 1) verdict.broken('P2', `${name} is listed twice: ${JSON.stringify(listed)}`);
  if (event.payload === null) {
    // Where it was taken back before it was ever known there is nothing to show.
    const isGone = first === undefined || first.status === 'revoked';
    if (!isGone) verdict.broken('P3', `${name} was taken back, and is ${JSON.stringify(first)}`);
    return null;
  }
  const { payload } = event;
  if (
    first === undefined ||
    first.status === 'revoked' ||
    contentOf(asSent(first)) !== contentOf(payload.event)
  ) {
    const detail = `is ${JSON.stringify(first)}, and was amended to ${JSON.stringify(payload.event)}`;
    verdict.broken('P3', `${name} ${detail}`);
    return null;
  }
  const { source, id } = first;
  const stored = { identity: { source, id }, payload, listed: first, isCorrected: true };
  checkAttribution(verdict, tenant, stored, name);
  return stored;
}

function asSent(
  event: Pick<
    ListedEvent,
    'id' | 'source' | 'type' | 'customerReference' | 'time' | 'timeSent' | 'properties'
  >,
): SentEvent {
  const { id, source, type, customerReference, time, timeSent, properties } = event;
  const sentTime = timeSent ? { time: new Date(Date.parse(time)).toISOString() } : {};
  return { id, source, type, customer: customerReference, ...sentTime, properties };
}

function checkIdentity(
  { verdict }: Auditor,
  tenant: SimulatedTenant,
  identity: SentIdentity,
  stored: StoredEvent | undefined,
): void {
  const name = `${tenant.key} ${identity.source}/${identity.id}`;
  const payloads = [...identity.payloads.values()];
  const accepted = payloads.flatMap((payload) => acceptedMs(payload) ?? []);
  if (stored === undefined) {
    if (accepted.length > 0)
      verdict.broken('P1', `${name} was accepted at ${Math.min(...accepted)} and is nowhere`);
    return;
  }
  for (const other of payloads) {
    const acceptedFirst = acceptedMs(other);
    if (other === stored.payload || acceptedFirst === null) continue;
    if (acceptedFirst < firstSentMs(stored.payload)) {
      const detail = `another content was accepted at ${acceptedFirst}, this one was first sent at ${firstSentMs(stored.payload)}`;
      verdict.broken('P2', `${name}: ${detail}: ${JSON.stringify(stored.listed)}`);
    }
  }
  checkAttribution(verdict, tenant, stored, name);
}

function checkAttribution(
  verdict: Auditor['verdict'],
  tenant: SimulatedTenant,
  { payload, listed }: StoredEvent,
  name: string,
): void {
  const known = customerNamed(tenant.catalogue, payload.event.customer);
  // Who came later is looked for among what was sent before.
  const held =
    known === undefined ? 'no' : inForce(known, Math.max(firstSentMs(payload), known.created.doneMs ?? 0));
  const isAttributed = listed.status !== 'unattributed';
  if (held === 'yes' && !isAttributed)
    verdict.broken('P1', `${name} is unattributed: ${JSON.stringify(listed)}`);
  const isNobody = known === undefined || heldSince(known.archived, firstSentMs(payload)) === 'yes';
  if (isNobody && isAttributed) {
    verdict.broken('P1', `${name} is attributed: ${JSON.stringify(listed)}`);
  }
  if (isAttributed && listed.customer !== known?.key) {
    verdict.broken('P3', `${name} belongs to ${known?.key}: ${JSON.stringify(listed)}`);
  }
  if (!isAttributed && !['customer.unknown', 'customer.archived'].includes(listed.reason ?? '')) {
    verdict.broken('P1', `${name} is unattributed without a reason: ${JSON.stringify(listed)}`);
  }
}

/** A content that was accepted and does not count is reported as a conflict, and nothing else is (P2). */
export async function checkConflicts(
  auditor: Auditor,
  tenant: SimulatedTenant,
  reader: ApiReader,
  { stored, corrected }: FinalEvents,
): Promise<void> {
  const { verdict } = auditor;
  const listed = (await reader.list<ListedEvent>('/v1/conflicts')) ?? [];
  const reported = new Map<string, Set<string>>();
  for (const conflict of listed) {
    const key = identityOf(conflict);
    const content = contentOf(asSent({ ...conflict, timeSent: true }));
    const contents = reported.get(key) ?? new Set();
    reported.set(key, contents.add(content));
    const identity = auditor.events.ofTenant(tenant.key).get(key);
    const hasOwnTime = identity?.payloads.get(content);
    const known =
      hasOwnTime ??
      [...(identity?.payloads.values() ?? [])].find(({ event }) => sameButTime(event, conflict));
    if (known === undefined || !mayBeStored(known)) {
      verdict.broken('P10', `${tenant.key} reports a conflict that nobody sent: ${JSON.stringify(conflict)}`);
    } else if (known === stored.get(key)?.payload) {
      verdict.broken('P2', `${tenant.key} reports what counts as a conflict: ${JSON.stringify(conflict)}`);
    }
  }
  const isReported = (key: string, { event }: Payload) =>
    listed.some(
      (conflict) =>
        identityOf(conflict) === key &&
        (contentOf(asSent({ ...conflict, timeSent: true })) === contentOf(event) ||
          (event.time === undefined && sameButTime(event, conflict))),
    );
  for (const [key, { payloads }] of auditor.events.ofTenant(tenant.key)) {
    const unreported = [...payloads.values()].filter(
      (payload) => acceptedMs(payload) !== null && !isReported(key, payload),
    );
    verdict.checked('conflicts', payloads.size - unreported.length);
    // Of a corrected event nobody is told any more what it first was: but that one alone is no conflict.
    const amended = amendedTo(auditor.corrections.ofTenant(tenant.key).get(key)).flatMap(
      ({ correction: { event } }) => (event === null ? [] : [contentOf(event)]),
    );
    const counted = stored.get(key)?.payload;
    const lost = unreported.filter(
      (payload) => payload !== counted && !amended.includes(contentOf(payload.event)),
    );
    const [first] = corrected.has(key) ? lost.slice(1) : lost;
    if (first !== undefined)
      verdict.broken('P2', `${tenant.key} ${key}: no conflict is reported for ${contentOf(first.event)}`);
  }
}

/** The list shows a time also where none was sent. */
function sameButTime(event: SentEvent, listed: ListedEvent): boolean {
  if (event.time !== undefined) return false;
  const { time: _time, ...rest } = asSent({ ...listed, timeSent: false });
  return contentOf(rest) === contentOf(event);
}
