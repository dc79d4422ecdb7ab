import { INDEXES, TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { acquireChunk } from '../consume/chunk-state.ts';
import type { ConsumeDeps } from '../consume/consume-deps.ts';
import { executeChunk } from '../consume/execute-chunk.ts';
import { insertBlock } from '../consume/insert-part.ts';
import { tenantBlocks } from '../consume/insert-plan.ts';
import { markHoursDirty } from '../consume/mark-dirty.ts';
import { getPlan } from '../consume/plan-file.ts';
import { fenceLagMs } from '../fences/fence-lag.ts';
import { listOpenChunks, passFences } from '../fences/pass-fences.ts';
import { fencedLanes } from '../fences/tenant-lanes.ts';
import { PARKED_PARTITION, type ParkedPart, parkedFromItem, parkedKey } from '../records/parked-part.ts';

export interface Swept {
  /** Open chunks seen, and how many of them are committed now. */
  readonly open: number;
  readonly committed: number;
  /** Age of the oldest chunk that is still open, ms; 0 when there is none. */
  readonly oldestOpenMs: number;
  /** Parts that are still parked. */
  readonly parked: number;
  /** How far the present is ahead of what is complete, ms. */
  readonly fenceLagMs: number;
}

/**
 * Finishes what others left open, then lets fences pass and tries parked parts again. `force` takes chunks over at
 * once: only for the start of the only process.
 */
export function sweepChunks(deps: ConsumeDeps) {
  return async (input: { readonly force: boolean }): Promise<Swept> => {
    const open = await listOpenChunks(deps.items);
    const startedMs = deps.clock.nowMs();
    const ready = open.filter(
      (chunk) => input.force || chunk.stagedAtMs <= startedMs - LIMITS.chunkTakeoverMs,
    );
    const left = new Map(open.map((chunk) => [chunk.chunk, chunk.stagedAtMs]));
    for (const { chunk } of ready.slice(0, LIMITS.sweepChunks)) {
      if (await finish(deps, chunk, input.force)) left.delete(chunk);
    }
    await passFences(deps.items, await fencedLanes(deps.items));
    // A start must not wait for what a store refuses of one tenant: the sweeps after it try that again.
    const parked = input.force ? (await listParked(deps)).length : await retryParked(deps);
    const nowMs = deps.clock.nowMs();
    return {
      open: open.length,
      committed: open.length - left.size,
      oldestOpenMs: left.size === 0 ? 0 : nowMs - Math.min(...left.values()),
      parked,
      fenceLagMs: await fenceLagMs(deps.items, nowMs),
    };
  };
}

/** One chunk that fails must not keep the others from being finished. */
async function finish(deps: ConsumeDeps, chunk: string, force: boolean): Promise<boolean> {
  try {
    const acquired = await acquireChunk(deps, { chunk, force });
    if (acquired.kind !== 'acquired') return acquired.kind === 'committed';
    const executed = await executeChunk(deps, acquired.record);
    if (executed.kind === 'committed') return true;
    deps.onUnfinished(chunk, executed.reason);
  } catch (thrown) {
    deps.onUnfinished(chunk, thrown);
  }
  return false;
}

async function listParked({ items }: ConsumeDeps): Promise<readonly ParkedPart[]> {
  const query = { table: TABLES.main, index: INDEXES.byOwner, pk: PARKED_PARTITION };
  return (await items.query({ ...query, limit: LIMITS.sweepChunks })).items.map(parkedFromItem);
}

async function retryParked(deps: ConsumeDeps): Promise<number> {
  let left = 0;
  for (const part of await listParked(deps)) {
    const startedMs = deps.clock.nowMs();
    const isTaken = await takePart(deps, part, startedMs);
    if (isTaken && (await retryPart(deps, part, startedMs))) continue;
    if (isTaken) await letPartGo(deps, part, startedMs);
    left += 1;
  }
  return left;
}

/**
 * As with a chunk, one sweeper at a time: two that look at once both find nothing, and both would insert. `takenAtMs` says
 * since when one has it. The index lags, so only the item itself decides.
 */
async function takePart({ items }: ConsumeDeps, part: ParkedPart, nowMs: number): Promise<boolean> {
  const taken = await items.update({
    table: TABLES.main,
    key: parkedKey(part),
    changes: { set: { takenAtMs: nowMs } },
    condition: {
      kind: 'all',
      of: [
        { kind: 'item_present' },
        {
          kind: 'any',
          of: [
            { kind: 'attribute_absent', name: 'takenAtMs' },
            { kind: 'less', name: 'takenAtMs', value: nowMs - LIMITS.chunkTakeoverMs },
          ],
        },
      ],
    },
  });
  return taken.ok;
}

/** Lets the next sweep try without waiting. */
async function letPartGo({ items }: ConsumeDeps, part: ParkedPart, takenAtMs: number): Promise<void> {
  await items.update({
    table: TABLES.main,
    key: parkedKey(part),
    changes: { remove: ['takenAtMs'] },
    condition: { kind: 'equal', name: 'takenAtMs', value: takenAtMs },
  });
}

/** The rows are looked for before they go in, so that a part that was un-parked meanwhile is not counted twice. */
async function retryPart(deps: ConsumeDeps, part: ParkedPart, startedMs: number): Promise<boolean> {
  const plan = await getPlan(deps.objects, part.chunk);
  const block = tenantBlocks(plan, part).find((candidate) => candidate.address.tenant === part.tenant);
  if (block === undefined) return false;
  const outcome = await insertBlock(
    {
      analytics: deps.analytics,
      clock: deps.clock,
      markDirty: async () => {
        if (part.table !== 'usage') return;
        await markHoursDirty(
          deps.items,
          plan.rows.usage.filter((row) => row.tenant === part.tenant),
        );
      },
      mayStart: () => deps.clock.nowMs() < startedMs + LIMITS.chunkExecutionMs,
    },
    block,
    // Each sweep is an execution of its own, whatever clocks say: tokens are never used twice.
    { untouched: false, execution: deps.ids.uuid(), attempts: 1 },
  );
  if (outcome.kind === 'done') {
    await deps.items.delete({ table: TABLES.main, key: parkedKey(part) });
    return true;
  }
  deps.onUnfinished(part.chunk, outcome.reason);
  return false;
}
