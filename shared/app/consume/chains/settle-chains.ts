import { TABLES } from '../../../contracts/names.ts';
import type { ChainBase, PlannedChain } from '../../../domain/corrections/chain.ts';
import { type ChainEntry, extendChain, needsBase } from '../../../domain/corrections/extend-chain.ts';
import { identityKey, type StagedEntry } from '../../../domain/events/staged-entry.ts';
import { type CatalogueSnapshot, countEvent } from '../../../domain/metering/count-event.ts';
import { assert, defined } from '../../../kernel/assert.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { Claims, EventIdentity } from '../../../ports/claims.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { ItemStore } from '../../../ports/item-store.ts';
import { StoreError } from '../../../ports/store-error.ts';
import type { CatalogueReader } from '../../catalogue/read-catalogue.ts';
import type { ChainRecord } from '../../records/chain.ts';
import { type ChunkRecord, chunkFromItem, chunkKey } from '../../records/chunk.ts';
import { type ChainBaseDeps, readBase } from './chain-base.ts';
import { readChains, writeChain } from './chain-store.ts';

export interface SettleChainsDeps extends ChainBaseDeps {
  readonly items: ItemStore;
  readonly claims: Claims;
  readonly clock: Clock;
  readonly readCatalogue: CatalogueReader;
}

/** A group, and the chain of its event as it was read. */
interface Found {
  readonly group: Group;
  readonly read: ChainRecord;
}

/** All that one chunk holds of one event. */
interface Group {
  readonly identity: EventIdentity;
  readonly entry: string;
  readonly entries: readonly ChainEntry[];
}

/**
 * Decides what a chunk's corrections and recounts do, event by event. What was decided is kept in the event's chain before
 * anything is planned: done again, by this or another executor, it is the same. Waits for no chunk but the one that owns
 * the event. Throws StoreError.
 */
export async function settleChains(
  deps: SettleChainsDeps,
  input: { readonly chunk: string; readonly entries: readonly StagedEntry[] },
): Promise<readonly PlannedChain[]> {
  const groups = groupEntries(input.entries);
  const chains = await readChains(
    deps,
    groups.map(({ identity }) => identity),
  );
  const found = groups.map((group, index) => ({
    group,
    read: defined(chains[index], 'the chain of an event'),
  }));
  const owners = await settleOwners(deps, input.chunk, found);
  const settled: PlannedChain[] = [];
  for (const own of Map.groupBy(found, ({ group }) => group.identity.tenant).values()) {
    const based: (Found & { readonly base: ChainBase | null })[] = [];
    for (const each of own)
      based.push({ ...each, base: await baseOf(deps, { ...each, chunk: input.chunk, owners }) });
    // Last, so that nothing is taken back by a catalogue that is older than the one which counted it.
    const catalogue = await readCatalogue(deps, own);
    for (const each of based) {
      const { group } = each;
      const outcome = await settleGroup(deps, { ...each, chunk: input.chunk, catalogue });
      if (outcome !== null) settled.push({ ...group.identity, entry: group.entry, outcome });
    }
  }
  return settled;
}

/** Whose the events are that are corrected for the first time, by identity: this chunk's where they are nobody's. */
async function settleOwners(
  deps: SettleChainsDeps,
  chunk: string,
  found: readonly Found[],
): Promise<ReadonlyMap<string, string>> {
  const identities = found.flatMap(({ group, read }) => {
    const [first] = group.entries;
    if (first?.kind !== 'correction' || !needsBase(read.chain, group.entries)) return [];
    const { eventTimeMs } = first.correction;
    return [{ ...group.identity, timeMs: eventTimeMs ?? 0, timeSent: eventTimeMs !== null }];
  });
  if (identities.length === 0) return new Map();
  const owners = await deps.claims.settle({ chunk, identities, nowMs: deps.clock.nowMs() });
  return new Map(
    identities.map((identity, index) => [
      identityKey(identity),
      defined(owners[index], 'the owner of a claim'),
    ]),
  );
}

function groupEntries(entries: readonly StagedEntry[]): readonly Group[] {
  const groups = new Map<string, { identity: EventIdentity; entry: string; entries: ChainEntry[] }>();
  for (const entry of entries) {
    if (entry.kind !== 'correction' && entry.kind !== 'recount') continue;
    const { tenant, fence, receivedAtMs } = entry;
    const { source, id } = entry.kind === 'correction' ? entry.correction : entry.recount;
    const identity = { tenant, source, id };
    const group = groups.get(identityKey(identity)) ?? { identity, entry: entry.entry, entries: [] };
    group.entries.push(
      entry.kind === 'correction'
        ? { kind: 'correction', correction: entry.correction, fence, receivedAtMs }
        : { kind: 'recount', recount: entry.recount, fence, receivedAtMs },
    );
    groups.set(identityKey(identity), group);
  }
  return [...groups.values()];
}

/** With every customer that may have to be resolved: also those of corrections that wait for one of these. */
async function readCatalogue(deps: SettleChainsDeps, found: readonly Found[]): Promise<CatalogueSnapshot> {
  const waiting = found.flatMap(({ read }) => read.chain.waiting.map(({ correction }) => correction.event));
  const sent = found.flatMap(({ group }) =>
    group.entries.map((entry) =>
      entry.kind === 'correction' ? entry.correction.event : entry.recount.found.shown.event,
    ),
  );
  const references = new Set(
    [...waiting, ...sent].flatMap((event) => (event === null ? [] : [event.customer])),
  );
  const { tenant } = defined(found[0], 'an event of the tenant').group.identity;
  return await deps.readCatalogue({ tenant, references: [...references] });
}

interface GroupInput {
  readonly chunk: string;
  readonly group: Group;
  readonly read: ChainRecord;
  readonly base: ChainBase | null;
  readonly catalogue: CatalogueSnapshot;
}

interface BaseInput extends Found {
  readonly chunk: string;
  readonly owners: ReadonlyMap<string, string>;
}

async function settleGroup(
  deps: SettleChainsDeps,
  input: GroupInput,
): Promise<PlannedChain['outcome'] | null> {
  const { chunk, group, base } = input;
  const { identity, entries } = group;
  let { read, catalogue } = input;
  for (let attempt = 1; attempt <= LIMITS.chainAttempts; attempt += 1) {
    const known = read.links.find((link) => link.chunk === chunk);
    if (known !== undefined) return known.outcome;
    const extended = extendChain({
      chain: read.chain,
      base,
      entries,
      revision: catalogue.revision,
      count: (event, customer) => countEvent(catalogue, event, customer),
      meters: new Map(catalogue.meters.map(({ key, version }) => [key, version])),
    });
    if (extended === null) return null;
    const { chain, outcome } = extended;
    const links = [...(await keptLinks(deps.items, read)), { chunk, outcome }];
    if (await writeChain(deps, identity, { read, next: { chain, links } })) return outcome;
    read = defined((await readChains(deps, [identity]))[0], 'the chain of an event');
    catalogue = await readCatalogue(deps, [{ group, read }]);
  }
  const message = `others extend the chain of ${identity.source}/${identity.id} all the time`;
  throw new StoreError({ message, outcome: 'not_done', reason: 'throttled' });
}

/**
 * Null where the chain knows it. A job has looked into the tables; a correction asks whoever owns the event, and is the event
 * where nobody does.
 */
async function baseOf(
  deps: SettleChainsDeps,
  { chunk, group, read, owners }: BaseInput,
): Promise<ChainBase | null> {
  const { identity, entries } = group;
  if (!needsBase(read.chain, entries)) return null;
  const [first] = entries;
  if (first?.kind === 'recount') return first.recount.found;
  const owner = defined(owners.get(identityKey(identity)), 'the owner of a claim');
  return await readBase(deps, { chunk, owner, identity });
}

/** Outcomes of chunks that may still have to plan; beyond a number of them, only those. */
async function keptLinks(items: ItemStore, { links }: ChainRecord): Promise<ChainRecord['links']> {
  if (links.length < LIMITS.chainLinksKept) return links;
  const kept: ChainRecord['links'][number][] = [];
  for (const link of links) {
    const record: ChunkRecord = chunkFromItem(
      defined(await items.get({ table: TABLES.main, key: chunkKey(link.chunk) }), `chunk ${link.chunk}`),
    );
    if (record.status === 'STAGED') kept.push(link);
  }
  assert(kept.length < LIMITS.correctionsPerEvent, 'chunks that corrected an event are planned one day');
  return kept;
}
