import { FEED_TABLES } from '../../contracts/names.ts';
import { assert } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { ItemChange, ItemChanges } from '../../ports/item-changes.ts';
import { assertPosition } from '../stream-limits.ts';
import { withinBytes } from '../within-bytes.ts';
import { itemBytes } from './values.ts';

const WITH_FEED: ReadonlySet<string> = new Set(FEED_TABLES);

export function hasFeed(table: string): boolean {
  return WITH_FEED.has(table);
}

export function assertFeed(table: string): void {
  assert(hasFeed(table), `the table ${table} has no change feed`);
}

export function assertChangeRead(input: Parameters<ItemChanges['read']>[0]): void {
  const { table, after, limit } = input;
  assertFeed(table);
  assert(
    Number.isInteger(limit) && limit >= 1 && limit <= LIMITS.changeReadRecords,
    `a read takes 1 to ${LIMITS.changeReadRecords} changes`,
  );
  if (after !== undefined) assertPosition(after);
}

/** How our own stores forget; DynamoDB does it by itself. */
export interface ChangeTrim {
  readonly table: string;
  /** Changes that are as young as this instant, epoch ms, stay. */
  readonly before: number;
  /** The last change that may go, where somebody has still to read what is behind it. */
  readonly upTo?: string;
}

/** The size of a change as DynamoDB Streams counts it: its key and both images. */
export function changeBytes({ key, before, after }: ItemChange): number {
  const images = [before, after].map((image) => (image === null ? 0 : itemBytes(image)));
  return images.reduce((sum, bytes) => sum + bytes, itemBytes({ pk: key.pk, sk: key.sk }));
}

/** The first of them that one read may answer: at least one if there is one. */
export function withinChangeBytes(records: Iterable<ItemChange>): readonly ItemChange[] {
  return withinBytes({ records, bytesOf: changeBytes, bytesMax: LIMITS.changeReadBytes });
}
