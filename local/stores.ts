import { join } from 'node:path';
import { withBreaker } from '../shared/adapters/clickhouse/breaker.ts';
import { openChdb } from '../shared/adapters/embedded/chdb.ts';
import { lockDataFolder } from '../shared/adapters/embedded/data-folder.ts';
import { openFileObjects } from '../shared/adapters/embedded/file-objects.ts';
import { openSqliteItems } from '../shared/adapters/embedded/sqlite-items.ts';
import { openSqliteStream } from '../shared/adapters/embedded/sqlite-stream.ts';
import type { ItemUnits } from '../shared/adapters/item-rules/units.ts';
import { createSystemIds } from '../shared/adapters/system/ids.ts';
import { FEED_TABLES } from '../shared/contracts/names.ts';
import { LIMITS } from '../shared/kernel/limits.ts';
import type { Analytics } from '../shared/ports/analytics.ts';
import type { Claims } from '../shared/ports/claims.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { EventStream, ReadableStream } from '../shared/ports/event-stream.ts';
import type { ItemChanges } from '../shared/ports/item-changes.ts';
import type { ItemStore } from '../shared/ports/item-store.ts';
import type { ObjectStore } from '../shared/ports/object-store.ts';
import { openClaims, type WantedClaims } from './claims.ts';
import { readSecrets } from './secrets.ts';

/** Each shard is worked through by one poller: two keep both cores of a small machine busy. */
const SHARDS = 2;

/** Everything that the path of an event keeps something in. */
export interface Stores {
  readonly items: ItemStore;
  readonly stream: EventStream & ReadableStream;
  readonly objects: ObjectStore;
  readonly claims: Claims;
  readonly analytics: Analytics;
  /** Where the items are counted. */
  readonly itemUnits?: ItemUnits;
  /** Whether analytics has not answered for a while. */
  readonly isAnalyticsDown?: () => boolean;
}

export interface OpenStores extends Stores {
  readonly changes: ItemChanges;
  /**
   * Deletes what time has made useless: expired items, changes past their retention, and records that are past theirs and
   * were handled.
   */
  trim(input: TrimInput): Promise<void>;
  /** Nothing may be under way any more. */
  close(): Promise<void>;
}

export interface TrimInput {
  readonly nowMs: number;
  readonly retentionMs: number;
  /** How far each shard is handled. */
  readonly handledUpTo: (shardId: string) => Promise<string | undefined>;
}

const TRIM_BATCH = 1_000;

/**
 * Opens the stores of a data folder, for this process alone. Throws StoreError, or an error whose code is `storage.locked`
 * or says why claims cannot be kept as wanted.
 */
export async function openStores(input: {
  readonly folder: string;
  readonly clock: Clock;
  readonly claims?: WantedClaims | undefined;
}): Promise<OpenStores> {
  const { folder, clock, claims: wanted = { mode: null, parts: null } } = input;
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const lock = await lockDataFolder({ folder });
    closers.push(() => lock.release());
    const items = openSqliteItems({ path: join(folder, 'items.sqlite'), clock });
    closers.push(() => items.close());
    const stream = openSqliteStream({ path: join(folder, 'stream.sqlite'), shards: SHARDS, clock });
    closers.push(() => stream.close());
    const objects = await openFileObjects({ folder: join(folder, 'objects') });
    const chdb = await openChdb({ dataFolder: folder });
    closers.push(() => chdb.close());
    const { pepper } = await readSecrets({ folder, ids: createSystemIds() });
    const claims = await openClaims({ items: items.items, objects, clock, pepper, wanted });
    const { isDown, ...writer } = withBreaker({ writer: chdb.analytics, clock });
    return {
      items: items.items,
      itemUnits: items.units,
      changes: items.changes,
      stream: stream.stream,
      objects,
      claims,
      analytics: { ...chdb.analytics, ...writer },
      isAnalyticsDown: isDown,
      trim: (request) => trim({ items, stream, request }),
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function trim(input: {
  readonly items: ReturnType<typeof openSqliteItems>;
  readonly stream: ReturnType<typeof openSqliteStream>;
  readonly request: TrimInput;
}): Promise<void> {
  const { items, stream, request } = input;
  const nowSeconds = Math.floor(request.nowMs / 1000);
  while ((await items.deleteExpired(nowSeconds, TRIM_BATCH)) === TRIM_BATCH);
  for (const table of FEED_TABLES) {
    await items.trimChanges({ table, before: request.nowMs - LIMITS.changeRetentionMs });
  }
  for (const shardId of await stream.stream.shards()) {
    const upTo = await request.handledUpTo(shardId);
    if (upTo === undefined) continue;
    await stream.trim({ shardId, before: request.nowMs - request.retentionMs, upTo });
  }
}
