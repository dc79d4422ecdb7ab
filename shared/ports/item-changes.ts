import type { Item, ItemKey } from './item-store.ts';

/** One change of one item: created (`before` is null), changed, or deleted (`after` is null). The two are never equal. */
export interface ItemChange {
  /** Decimal digits; rises within a shard; compare with compareSequence. */
  readonly sequenceNumber: string;
  readonly key: ItemKey;
  /** The whole item, with its key, as it was and as it is since. */
  readonly before: Item | null;
  readonly after: Item | null;
  /** About when it was written, epoch ms; a store may know the second only. */
  readonly changedAtMs: number;
  /** `expiry`: the store deleted the item, because its `ttl` was over. */
  readonly cause: 'write' | 'expiry';
}

/**
 * What happened to the items of a table that has a change feed (FEED_TABLES): DynamoDB Streams' model.
 *
 * Each write that changed its item is one change. It can be read only when the write is durable, at some time after
 * that, and then it is never missing. What was refused or cancelled, or left the item equal, is none. A transaction is one
 * change for each item that it changed, without order or atomicity among them.
 *
 * Changes of one item come in the order of its writes: they are in one shard, or go on in one that `shards` names later.
 * Between different items there is no order. The oldest may go after LIMITS.changeRetentionMs. Throws StoreError.
 */
export interface ItemChanges {
  shards(table: string): Promise<readonly string[]>;
  /**
   * Changes after `after` (from the oldest when absent or gone), oldest first, at most `limit` (1 to
   * LIMITS.changeReadRecords) and LIMITS.changeReadBytes: at least one while there is one.
   */
  read(input: {
    readonly table: string;
    readonly shardId: string;
    readonly after?: string;
    readonly limit: number;
  }): Promise<readonly ItemChange[]>;
}
