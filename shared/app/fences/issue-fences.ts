import type { FenceHeader } from '../../contracts/envelope.ts';
import { TABLES } from '../../contracts/names.ts';
import type { Lane } from '../../domain/events/lane.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EventStream } from '../../ports/event-stream.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { StoreError } from '../../ports/store-error.ts';
import { encodeHeader } from '../stream/envelope-codec.ts';
import { fencedLanes, lanesToFence } from './tenant-lanes.ts';

const COUNTER_KEY = { pk: 'fences', sk: 'counter' };
const LEASE_KEY = { pk: 'fences', sk: 'issuer' };
const RETRY_PAUSE_MS = 100;

export interface FenceDeps {
  readonly items: ItemStore;
  readonly stream: EventStream;
  readonly clock: Clock;
  /** How far t lies behind now, ms: covers the clock skew of ingest; 0 where ingest shares our clock. */
  readonly delayMs: number;
}

/**
 * Draws a fence and puts it into the lanes. t is read before the number is drawn, so a greater number never has an
 * event acknowledged before t behind it. A lane that misses the fence passes the next one.
 */
async function putFence(
  deps: FenceDeps,
  readLanes: (items: ItemStore) => Promise<readonly Lane[]>,
): Promise<number> {
  const timeMs = deps.clock.nowMs() - deps.delayMs;
  // After t: who is told of more sub-lanes now is told so after t, too.
  const lanes = await readLanes(deps.items);
  const number = await drawNumber(deps.items);
  let missing = lanes;
  for (let attempt = 1; attempt <= LIMITS.streamPutAttempts; attempt += 1) {
    const results = await deps.stream.putRecords(
      missing.map((lane) => {
        const header: FenceHeader = { v: 1, kind: 'fence', lane, number, timeMs };
        return { partitionKey: lane, data: encodeHeader(header) };
      }),
    );
    missing = missing.filter((_, i) => results[i]?.ok !== true);
    if (missing.length === 0) return number;
    await deps.clock.sleep(RETRY_PAUSE_MS);
  }
  const message = `fence ${number} is missing in ${missing.length} of ${lanes.length} lanes`;
  throw new StoreError({ message, outcome: 'unknown', reason: 'throttled' });
}

/** The greatest number that was drawn; 0 before the first. */
export async function lastFenceNumber(items: ItemStore): Promise<number> {
  const item = await items.get({ table: TABLES.main, key: COUNTER_KEY });
  return typeof item?.number === 'number' ? item.number : 0;
}

async function drawNumber(items: ItemStore): Promise<number> {
  const drawn = await items.update({ table: TABLES.main, key: COUNTER_KEY, changes: { add: { number: 1 } } });
  if (!drawn.ok || typeof drawn.value.number !== 'number') {
    throw new StoreError({
      message: 'the fence counter gave no number',
      outcome: 'unknown',
      reason: 'other',
    });
  }
  return drawn.value.number;
}

/** The periodic fence through every lane; nothing happens while another issuer holds the lease. */
export function issueFences(deps: FenceDeps & { readonly issuer: string; readonly leaseMs: number }) {
  return async (): Promise<{ readonly number: number | null }> => {
    const nowMs = deps.clock.nowMs();
    const leased = await deps.items.update({
      table: TABLES.main,
      key: LEASE_KEY,
      changes: { set: { issuer: deps.issuer, untilMs: nowMs + deps.leaseMs } },
      condition: {
        kind: 'any',
        of: [
          { kind: 'attribute_absent', name: 'issuer' },
          { kind: 'equal', name: 'issuer', value: deps.issuer },
          { kind: 'less', name: 'untilMs', value: nowMs },
        ],
      },
    });
    return { number: leased.ok ? await putFence(deps, fencedLanes) : null };
  };
}

/** A fence on demand in one tenant's lanes, for a close or a clock that was set; answers its number. */
export function drawFence(deps: FenceDeps) {
  return ({ tenant }: { readonly tenant: string }): Promise<number> =>
    putFence(deps, (items) => lanesToFence(items, tenant));
}
