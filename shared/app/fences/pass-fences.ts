import { TABLES } from '../../contracts/names.ts';
import type { Lane } from '../../domain/events/lane.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { queryAll } from '../query-all.ts';
import { OPEN_CHUNKS_PARTITION, type OpenChunkRecord, openChunkFromItem } from '../records/chunk.ts';
import { FENCE_PREFIX, type FenceMark, fenceFromItem, laneFromItem, laneKey } from '../records/lane.ts';

const FORGOTTEN_PER_PASS = 25;

/** Every chunk that is not committed, oldest first; strongly consistent. */
export async function listOpenChunks(items: ItemStore): Promise<readonly OpenChunkRecord[]> {
  const found = await queryAll(items, { table: TABLES.main, pk: OPEN_CHUNKS_PARTITION });
  return found.map(openChunkFromItem);
}

/**
 * Records, for ever, how far the fences of some lanes have passed: a fence n has passed when the lane is staged
 * beyond it and no open chunk holds anything behind a lower fence.
 */
export async function passFences(items: ItemStore, lanes: Iterable<Lane>): Promise<void> {
  // Lanes are read before the open chunks: a chunk staged in between lies behind what was read.
  const states = await Promise.all(
    [...new Set(lanes)].map(async (lane) => ({
      lane,
      state: laneFromItem(await items.get({ table: TABLES.main, key: laneKey(lane) })),
    })),
  );
  const waiting = states.filter(({ state }) => state.stagedNumber > state.passedNumber);
  if (waiting.length === 0) return;
  const open = await listOpenChunks(items);
  await Promise.all(
    waiting.map(async ({ lane, state }) => {
      const staged = { number: state.stagedNumber, timeMs: state.stagedTimeMs };
      const passed = lowestOf(staged, lane, open);
      if (passed.number > state.passedNumber) await recordPassed(items, lane, passed, state.passedTimeMs);
    }),
  );
}

async function recordPassed(
  items: ItemStore,
  lane: Lane,
  passed: FenceMark,
  earlierMs: number,
): Promise<void> {
  await items.update({
    table: TABLES.main,
    key: laneKey(lane),
    changes: { set: { passedNumber: passed.number, passedTimeMs: Math.max(passed.timeMs, earlierMs) } },
    condition: {
      kind: 'any',
      of: [
        { kind: 'attribute_absent', name: 'passedNumber' },
        { kind: 'less', name: 'passedNumber', value: passed.number },
      ],
    },
  });
  await forgetPassed(items, lane, passed.number);
}

function lowestOf(staged: FenceMark, lane: Lane, open: readonly OpenChunkRecord[]): FenceMark {
  return open.reduce((lowest, chunk) => {
    const held = chunk.lanes[lane];
    return held !== undefined && held.number < lowest.number ? held : lowest;
  }, staged);
}

/** Places below the last passed fence are asked for no more. The passed one itself stays: envelopes lie behind it. */
async function forgetPassed(items: ItemStore, lane: Lane, passedNumber: number): Promise<void> {
  const page = await items.query({
    table: TABLES.main,
    pk: laneKey(lane).pk,
    sk: { prefix: FENCE_PREFIX },
    limit: FORGOTTEN_PER_PASS,
  });
  for (const item of page.items) {
    if (fenceFromItem(item).number >= passedNumber) return;
    await items.delete({ table: TABLES.main, key: { pk: item.pk, sk: item.sk } });
  }
}
