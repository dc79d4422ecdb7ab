import { eventFingerprint } from '../../domain/events/event.ts';
import { identityKey, type StagedEntry } from '../../domain/events/staged-entry.ts';
import { type ChunkPlan, type PlanInput, planChunk } from '../../domain/metering/chunk-plan.ts';
import type { CatalogueSnapshot } from '../../domain/metering/count-event.ts';
import { assert, defined } from '../../kernel/assert.ts';
import type { ClaimedIdentity } from '../../ports/claims.ts';
import { StoreError } from '../../ports/store-error.ts';
import type { PlannedTime } from '../generations/read-generations.ts';
import type { ChunkRecord } from '../records/chunk.ts';
import { applyPlan } from './apply-plan.ts';
import { settleChains } from './chains/settle-chains.ts';
import {
  acquireChunk,
  advanceChunk,
  ChunkLostError,
  commitChunk,
  mayStillStart,
  releaseChunk,
} from './chunk-state.ts';
import type { ConsumeDeps } from './consume-deps.ts';
import { insertPlan } from './insert-plan.ts';
import { getPlan, putPlanOnce } from './plan-file.ts';
import { getStagedChunk } from './staged-chunk.ts';

/**
 * `owners` are the other chunks that own what this one received again. `claimed`: the owner of each of its events is known,
 * so that nothing that is claimed later can come before them.
 */
export type Executed =
  | { readonly kind: 'committed'; readonly plan: ChunkPlan; readonly owners: readonly string[] }
  | { readonly kind: 'unfinished'; readonly reason: unknown; readonly claimed: boolean };

/**
 * Takes a chunk from wherever it stands to its commit. Each step may be repeated by this or another executor and
 * leads to the same result: owners are claimed once, the plan is written once, and only the plan is executed.
 */
export async function executeChunk(
  deps: ConsumeDeps,
  acquired: ChunkRecord,
  staged?: readonly StagedEntry[],
): Promise<Executed> {
  const progress = { claimed: acquired.status !== 'STAGED' };
  try {
    return await execute(deps, acquired, { staged, progress });
  } catch (thrown) {
    if (thrown instanceof ChunkLostError || thrown instanceof StoreError) {
      return { kind: 'unfinished', reason: thrown, ...progress };
    }
    throw thrown;
  }
}

/** Takes a chunk on that another executor may have stopped at, as far as it goes. Never throws. */
export async function driveChunk(deps: ConsumeDeps, chunk: string): Promise<void> {
  try {
    const acquired = await acquireChunk(deps, { chunk, force: false });
    if (acquired.kind !== 'acquired') return;
    const executed = await executeChunk(deps, acquired.record);
    if (executed.kind === 'unfinished') deps.onUnfinished(chunk, executed.reason);
  } catch (thrown) {
    deps.onUnfinished(chunk, thrown);
  }
}

interface StagedInput {
  readonly staged: readonly StagedEntry[] | undefined;
  readonly progress: { claimed: boolean };
}

async function execute(deps: ConsumeDeps, acquired: ChunkRecord, input: StagedInput): Promise<Executed> {
  let record = acquired;
  // Only an APPLIED chunk can have begun to insert: before that, its tokens are certainly new.
  const untouched = acquired.status !== 'APPLIED';
  const plan =
    record.status === 'STAGED'
      ? await decide(deps, record, input)
      : await getPlan(deps.objects, record.chunk);
  if (record.status === 'STAGED') {
    record = await deps.runStep('mark_planned', () => advanceChunk(deps.items, record, 'PLANNED'));
  }
  if (record.status === 'PLANNED') {
    if (!mayStillStart(deps.clock, record))
      return { kind: 'unfinished', reason: 'the time of this execution is over', claimed: true };
    await deps.runStep('apply', () => applyPlan(deps, plan));
    record = await deps.runStep('mark_applied', () => advanceChunk(deps.items, record, 'APPLIED'));
  }
  const inserted = await insertPlan(deps, { record, plan, untouched });
  if (inserted.stopped !== null) {
    await releaseChunk(deps.items, inserted.record);
    return { kind: 'unfinished', reason: inserted.stopped, claimed: true };
  }
  await deps.runStep('commit', () => commitChunk(deps.items, inserted.record));
  return { kind: 'committed', plan, owners: [...new Set(plan.rows.resends.map((row) => row.ownerChunk))] };
}

async function decide(
  deps: ConsumeDeps,
  record: ChunkRecord,
  { staged, progress }: StagedInput,
): Promise<ChunkPlan> {
  const { chunk } = record;
  const entries = staged ?? (await getStagedChunk(deps.objects, chunk)).entries;
  const owners = await deps.runStep('claim', () => claimAll(deps, chunk, entries));
  progress.claimed = true;
  const driveOn = (owner: string) => driveChunk(deps, owner);
  const chains = await settleChains({ ...deps, driveOn }, { chunk, entries });
  return await deps.runStep('put_plan', async () => {
    const catalogues = await readCatalogues(deps, entries);
    const plan = planChunk({
      chunk,
      plannedAtMs: deps.clock.nowMs(),
      entries,
      owners,
      ownerFingerprints: await readOwnerFingerprints(deps, chunk, owners),
      catalogues,
      chains,
      generationOf: await deps.readGenerations(plannedTimes({ entries, catalogues, chains })),
    });
    return await putPlanOnce(deps.objects, plan);
  });
}

/** Of every row that the chunk may count, with the revision that it is counted by. */
function* plannedTimes({
  entries,
  catalogues,
  chains,
}: Pick<PlanInput, 'entries' | 'catalogues' | 'chains'>): Generator<PlannedTime> {
  for (const entry of entries) {
    if (entry.kind !== 'event') continue;
    const { revision } = defined(catalogues.get(entry.tenant), 'the catalogue of a planned tenant');
    yield { tenant: entry.tenant, revision, timeMs: entry.event.timeMs };
  }
  for (const { tenant, outcome } of chains) {
    const { revision, negated, added } = outcome;
    for (const { timeMs } of [...negated, ...added]) yield { tenant, revision, timeMs };
  }
}

async function claimAll(
  deps: ConsumeDeps,
  chunk: string,
  entries: readonly StagedEntry[],
): Promise<ReadonlyMap<string, string>> {
  const identities = new Map<string, ClaimedIdentity>();
  for (const entry of entries) {
    if (entry.kind !== 'event' || entry.owner !== undefined) continue;
    const { source, id, timeMs, timeSent } = entry.event;
    const identity = { tenant: entry.tenant, source, id, timeMs, timeSent };
    const key = identityKey(identity);
    // The first one is what counts, so its time is the one that names the place of the claim.
    if (!identities.has(key)) identities.set(key, identity);
  }
  const settled = await deps.claims.settle({
    chunk,
    identities: [...identities.values()],
    nowMs: deps.clock.nowMs(),
  });
  assert(settled.length === identities.size, 'each identity has one owner');
  return new Map([...identities.keys()].map((key, i) => [key, defined(settled[i], 'the owner of a claim')]));
}

/** What the owners of resends counted, from their own staged chunks: those are written before any claim. */
async function readOwnerFingerprints(
  deps: ConsumeDeps,
  chunk: string,
  owners: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const fingerprints = new Map<string, string>();
  const others = new Set([...owners.values()].filter((owner) => owner !== chunk));
  for (const owner of others) {
    const { entries } = await getStagedChunk(deps.objects, owner);
    for (const entry of entries) {
      const first = firstOf(entry);
      if (first === null) continue;
      const key = identityKey({ tenant: entry.tenant, source: first.source, id: first.id });
      if (owners.get(key) !== owner || fingerprints.has(key)) continue;
      fingerprints.set(key, first.fingerprint);
    }
  }
  return fingerprints;
}

/** The first word on an event: itself, or the correction that came before it; '' for one that takes it back. */
function firstOf(
  entry: StagedEntry,
): { readonly source: string; readonly id: string; readonly fingerprint: string } | null {
  if (entry.kind === 'event') {
    const { source, id } = entry.event;
    return { source, id, fingerprint: eventFingerprint(entry.event) };
  }
  if (entry.kind !== 'correction' || entry.correction.revision !== 1) return null;
  const { source, id, event } = entry.correction;
  return { source, id, fingerprint: event === null ? '' : eventFingerprint(event) };
}

async function readCatalogues(
  deps: ConsumeDeps,
  entries: readonly StagedEntry[],
): Promise<ReadonlyMap<string, CatalogueSnapshot>> {
  const references = new Map<string, Set<string>>();
  for (const entry of entries) {
    if (entry.kind !== 'event') continue;
    const known = references.get(entry.tenant) ?? new Set();
    references.set(entry.tenant, known.add(entry.event.customer));
  }
  const catalogues = new Map<string, CatalogueSnapshot>();
  for (const [tenant, names] of references) {
    catalogues.set(tenant, await deps.readCatalogue({ tenant, references: [...names] }));
  }
  return catalogues;
}
