import { assert, defined } from '../../kernel/assert.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { eventFingerprint, type UsageEvent } from '../events/event.ts';
import type { CountedEvent, CountedRow } from '../metering/count-event.ts';
import type {
  Chain,
  ChainBase,
  ChainOutcome,
  EventChange,
  EventVersion,
  RefusedEvent,
  StandingRow,
  WaitingCorrection,
} from './chain.ts';
import { type Correction, correctionFingerprint } from './correction.ts';
import type { Recount } from './recount.ts';

interface Received {
  readonly fence: number;
  readonly receivedAtMs: number;
}

/** What a chunk holds of one event: corrections, or a job's page that counts it again. */
export type ChainEntry =
  | (Received & { readonly kind: 'correction'; readonly correction: Correction })
  | (Received & { readonly kind: 'recount'; readonly recount: Recount });

/** What the catalogue makes of an event; whoever names its customer does not ask whose it is. */
type CountByCatalogue = (event: UsageEvent, customer?: string) => CountedEvent;

export interface ExtendInput {
  readonly chain: Chain;
  /** What the event's first plan counted; null where the chain is started or `needsBase` says that it is not needed. */
  readonly base: ChainBase | null;
  /** All of one event in one chunk, in the order of the stream. */
  readonly entries: readonly ChainEntry[];
  /** The tenant's catalogue revision, and what that catalogue makes of an event. */
  readonly revision: number;
  readonly count: CountByCatalogue;
  /** Versions of the meters in force, by key. */
  readonly meters: ReadonlyMap<string, number>;
}

/** Whether the entries build upon what the event's first plan counted, and the chain does not know it yet. */
export function needsBase(chain: Chain, entries: readonly ChainEntry[]): boolean {
  if (chain.isStarted) return false;
  return entries.some((entry) => entry.kind === 'recount' || entry.correction.revision === 1);
}

interface Draft {
  chain: Chain;
  refused: RefusedEvent | null;
  readonly changes: EventChange[];
}

/**
 * Applies a chunk's entries to the chain of their event. Corrections take effect in the order of their revisions, whatever
 * order they arrive in: one that is ahead waits, and whoever fills the gap applies it. Null where nothing changes.
 */
export function extendChain(
  input: ExtendInput,
): { readonly chain: Chain; readonly outcome: ChainOutcome } | null {
  const { entries, revision } = input;
  const link = input.chain.link + 1;
  const chain = needsBase(input.chain, entries)
    ? start(input.chain, defined(input.base, 'what the event first was'))
    : input.chain;
  const draft: Draft = { chain: { ...chain, link }, refused: null, changes: [] };
  for (const entry of entries) {
    if (entry.kind === 'recount') recount(draft, entry, input);
    else receive(draft, entry, input);
  }
  if (draft.changes.length === 0) return null;
  const { standing, shown } = draft.chain;
  const negated = without(chain.standing, standing);
  const fence = Math.max(
    Math.min(...entries.map((entry) => entry.fence)),
    ...negated.map((row) => row.fence),
  );
  const added = without(standing, chain.standing).map((row) => ({ ...row, fence }));
  const kept = without(chain.standing, negated);
  const { refused, changes } = draft;
  const events = shownAfter(chain.shown, shown);
  return {
    chain: { ...draft.chain, standing: [...kept, ...added] },
    outcome: { link, fence, revision, negated, added, refused, events, changes },
  };
}

function start(chain: Chain, base: ChainBase): Chain {
  return { ...chain, isStarted: true, standing: base.rows, shown: base.shown };
}

/** Lists are ordered by customer, type and time: an event that moved leaves a mark where it was. */
function shownAfter(before: EventVersion | null, now: EventVersion | null): readonly EventVersion[] {
  if (now === null || now === before) return [];
  const hasMoved = before !== null && placeOf(before) !== placeOf(now);
  return hasMoved ? [{ ...before, status: 'superseded', reason: '' }, now] : [now];
}

function placeOf({ customer, event }: EventVersion): string {
  return JSON.stringify([customer, event.type, event.timeMs]);
}

function receive(
  draft: Draft,
  { correction, receivedAtMs }: Extract<ChainEntry, { kind: 'correction' }>,
  input: ExtendInput,
): void {
  const { chain } = draft;
  const fingerprint = correctionFingerprint(correction);
  const waiting = chain.waiting.find((other) => other.correction.revision === correction.revision);
  const known =
    waiting === undefined
      ? chain.fingerprints[correction.revision]
      : correctionFingerprint(waiting.correction);
  if (known !== undefined) {
    if (known !== fingerprint) draft.changes.push(changeOf({ correction, receivedAtMs }, 'conflict'));
    return;
  }
  assert(correction.revision > chain.correction, 'every applied correction is known');
  if (correction.revision > chain.correction + 1) {
    draft.chain = { ...chain, waiting: [...chain.waiting, { correction, receivedAtMs }] };
    draft.changes.push(changeOf({ correction, receivedAtMs }, 'waiting'));
    return;
  }
  apply(draft, { correction, receivedAtMs }, input);
  for (let next = nextWaiting(draft); next !== undefined; next = nextWaiting(draft))
    apply(draft, next, input);
}

function nextWaiting({ chain }: Draft): WaitingCorrection | undefined {
  return chain.waiting.find(({ correction }) => correction.revision === chain.correction + 1);
}

function apply(draft: Draft, received: WaitingCorrection, input: ExtendInput): void {
  const { chain } = draft;
  const { correction, receivedAtMs } = received;
  assert(chain.isStarted, 'a correction is applied to what was counted');
  const { revision, event } = correction;
  const known = {
    ...chain,
    correction: revision,
    fingerprints: { ...chain.fingerprints, [revision]: correctionFingerprint(correction) },
    waiting: chain.waiting.filter((other) => other.correction.revision !== revision),
  };
  draft.refused = null;
  if (event === null) draft.chain = revoked(known);
  else count(draft, known, { arrived: { event, receivedAtMs }, counted: input.count(event) });
  draft.changes.push(changeOf(received, 'applied'));
}

function revoked(chain: Chain): Chain {
  const shown: Chain['shown'] =
    chain.shown === null ? null : { ...chain.shown, status: 'revoked', reason: 'event.revoked' };
  return { ...chain, state: 'revoked', standing: [], shown, eventLink: chain.link };
}

/** The event is `arrived` from now on, with all its rows. */
function count(
  draft: Draft,
  chain: Chain,
  { arrived, counted }: { readonly arrived: Arrived; readonly counted: CountedEvent },
): void {
  const shown = versionOf(arrived, counted);
  const standing = toStanding(counted.rows);
  draft.chain = { ...chain, state: 'event', standing, shown, eventLink: chain.link };
  draft.refused = refusedOf(arrived, counted);
}

/** What the job saw may be of yesterday: then a later plan, which knew the job's reason, has counted the event already. */
function recount(draft: Draft, entry: Extract<ChainEntry, { kind: 'recount' }>, input: ExtendInput): void {
  const { chain } = draft;
  const { scope, found, eventLink } = entry.recount;
  if (chain.state === 'revoked' || eventLink < chain.eventLink) return;
  if (scope.kind === 'revert') {
    draft.chain = revoked(chain);
    draft.changes.push(jobChange(entry, 'revert'));
    return;
  }
  const { event, receivedAtMs } = found.shown;
  const arrived = { event, receivedAtMs };
  if (scope.kind === 'attribution') {
    const counted = input.count(event);
    if (counted.status === 'unattributed' || chain.standing.length > 0) return;
    count(draft, chain, { arrived, counted });
    draft.changes.push(jobChange(entry, 'attribute'));
    return;
  }
  recountMeter(draft, entry, { ...input, scope, arrived });
}

/** Whose the event is stays as it was found once; that of nobody is left whole to the job that finds somebody. */
function recountMeter(
  draft: Draft,
  entry: Extract<ChainEntry, { kind: 'recount' }>,
  input: Pick<ExtendInput, 'count' | 'meters'> & {
    readonly scope: Extract<Recount['scope'], { kind: 'meter' }>;
    readonly arrived: Arrived;
  },
): void {
  const { chain } = draft;
  const { scope, arrived } = input;
  const customer = chain.shown?.customer ?? '';
  // A meter that was archived meanwhile takes nothing back.
  if (customer === '' || (input.meters.get(scope.meter) ?? 0) < scope.version) return;
  const counted = input.count(arrived.event, customer);
  const isOfMeter = ({ meter }: { readonly meter: string }) => meter === scope.meter;
  const others = chain.standing.filter((row) => !isOfMeter(row));
  const now = toStanding(counted.rows.filter(isOfMeter));
  const before = chain.standing.filter(isOfMeter);
  const refusals = counted.refusals.filter(isOfMeter);
  const isSame = without(before, now).length === 0 && without(now, before).length === 0;
  if (isSame && refusals.length === 0) return;
  // The event is the same as before: other meters that are counted anew at the same time still find what they saw.
  draft.chain = { ...chain, standing: [...others, ...now], shown: versionOf(arrived, counted) };
  draft.refused = refusedOf(arrived, { ...counted, refusals });
  draft.changes.push(jobChange(entry, 'recount'));
}

function toStanding(rows: readonly CountedRow[]): readonly StandingRow[] {
  return rows.map((row) => ({ ...row, fence: 0 }));
}

type Arrived = Pick<EventVersion, 'event' | 'receivedAtMs'>;

function versionOf(arrived: Arrived, { customer, status, reason }: CountedEvent): EventVersion {
  return { ...arrived, customer, status, reason };
}

function refusedOf(arrived: Arrived, { customer, refusals }: CountedEvent): RefusedEvent | null {
  return refusals.length === 0 ? null : { ...arrived, customer, refusals };
}

function changeOf(received: WaitingCorrection, status: EventChange['status']): EventChange {
  const { correction, receivedAtMs } = received;
  const { revision, action, reason, event } = correction;
  const fingerprint = correctionFingerprint(correction);
  return { revision, action, status, reason, job: '', fingerprint, event, receivedAtMs };
}

function jobChange(
  { recount: { job, found }, receivedAtMs }: Extract<ChainEntry, { kind: 'recount' }>,
  action: EventChange['action'],
): EventChange {
  const fingerprint = eventFingerprint(found.shown.event);
  return { revision: 0, action, status: 'applied', reason: '', job, fingerprint, event: null, receivedAtMs };
}

/** The rows of the first list that the second does not have, whatever their fences. */
function without(rows: readonly StandingRow[], others: readonly StandingRow[]): readonly StandingRow[] {
  const known = new Set(others.map(contentOf));
  return rows.filter((row) => !known.has(contentOf(row)));
}

function contentOf({ fence: _fence, ...row }: StandingRow): string {
  return canonicalJson({ ...row });
}
