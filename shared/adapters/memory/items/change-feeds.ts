import { defined } from '../../../kernel/assert.ts';
import { compareSequence } from '../../../ports/event-stream.ts';
import type { ItemChange, ItemChanges } from '../../../ports/item-changes.ts';
import type { Item, ItemKey } from '../../../ports/item-store.ts';
import {
  assertChangeRead,
  assertFeed,
  type ChangeTrim,
  hasFeed,
  withinChangeBytes,
} from '../../item-rules/feeds.ts';
import { isSameItem } from '../../item-rules/same-item.ts';
import { copyItem } from '../../item-rules/values.ts';
import { createStreamShards } from '../../stream-shards.ts';

/** The feeds of all tables that have one; writes of the others are passed over. */
interface ChangeFeeds extends ItemChanges {
  record(input: {
    readonly table: string;
    readonly key: ItemKey;
    readonly before: Item | undefined;
    readonly after: Item | undefined;
    readonly cause: ItemChange['cause'];
  }): void;
  /** Deletes the oldest changes of each shard, until one that is not older than `before`; answers how many. */
  trim(input: ChangeTrim): Promise<number>;
}

/** Several shards, so that whoever counts on an order between items fails. */
const SHARDS = createStreamShards(3);

/** Positions start at 1, so that whoever compares them as text fails at the tenth change. */
export function createChangeFeeds(deps: { readonly nowMs: () => number }): ChangeFeeds {
  const feeds = new Map<string, ItemChange[][]>();
  let written = 0;
  const shardsOf = (table: string) => {
    const shards = feeds.get(table) ?? SHARDS.ids.map(() => []);
    feeds.set(table, shards);
    return shards;
  };
  return {
    record: ({ table, key, before = null, after = null, cause }) => {
      if (!hasFeed(table) || isSameItem(before, after)) return;
      written += 1;
      const { pk, sk } = key;
      const change = { key: { pk, sk }, before, after, cause, changedAtMs: deps.nowMs() };
      const shard = defined(shardsOf(table)[SHARDS.ofKey(pk).index], 'the shard of a key');
      shard.push({ sequenceNumber: String(written), ...change });
    },
    shards: async (table) => {
      assertFeed(table);
      return SHARDS.ids;
    },
    read: async (input) => {
      assertChangeRead(input);
      const { table, shardId, after = '0', limit } = input;
      const shard = shardsOf(table)[SHARDS.indexOf(shardId)] ?? [];
      const behind = shard.filter(({ sequenceNumber }) => compareSequence(sequenceNumber, after) > 0);
      return withinChangeBytes(behind.slice(0, limit)).map(copyChange);
    },
    trim: async ({ table, before, upTo }) => {
      assertFeed(table);
      const mayGo = ({ sequenceNumber, changedAtMs }: ItemChange) =>
        changedAtMs < before && (upTo === undefined || compareSequence(sequenceNumber, upTo) <= 0);
      let deleted = 0;
      for (const shard of shardsOf(table)) {
        const firstKept = shard.findIndex((change) => !mayGo(change));
        deleted += shard.splice(0, firstKept < 0 ? shard.length : firstKept).length;
      }
      return deleted;
    },
  };
}

function copyChange(change: ItemChange): ItemChange {
  const { key, before, after } = change;
  return { ...change, key: { ...key }, before: copyImage(before), after: copyImage(after) };
}

function copyImage(image: Item | null): Item | null {
  return image === null ? null : copyItem(image);
}
