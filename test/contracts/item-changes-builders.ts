import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { TABLES } from '../../shared/contracts/names.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { compareSequence } from '../../shared/ports/event-stream.ts';
import type { ItemChange, ItemChanges } from '../../shared/ports/item-changes.ts';
import type { Item, ItemKey, ItemStore } from '../../shared/ports/item-store.ts';

export interface ChangesUnderTest {
  readonly items: () => ItemStore;
  /** Of the same store. */
  readonly changes: () => ItemChanges;
  /** Runs of each property. */
  readonly runs: number;
}

export const OUTBOX = TABLES.outbox;
const POLL_MS = 5;
const PAGE = 1_000;

export interface FoundChange extends ItemChange {
  readonly shardId: string;
}

export async function put(items: ItemStore, item: Item): Promise<void> {
  const done = await items.put({ table: OUTBOX, item });
  if (!done.ok) throw new Error('a put without a condition was refused');
}

/** Everything in a shard behind a position, read in pages; checks on the way what holds of every page. */
export async function readShard(
  changes: ItemChanges,
  input: { readonly shardId: string; readonly after?: string; readonly limit?: number },
): Promise<readonly FoundChange[]> {
  const { shardId, limit = PAGE } = input;
  const all: FoundChange[] = [];
  let after = input.after;
  for (;;) {
    const page = await changes.read({
      table: OUTBOX,
      shardId,
      limit,
      ...(after === undefined ? {} : { after }),
    });
    if (page.length === 0) return all;
    expect(page.length).toBeLessThanOrEqual(limit);
    for (const change of page) {
      expect(change.sequenceNumber).toMatch(/^(0|[1-9]\d*)$/);
      if (after !== undefined) expect(compareSequence(change.sequenceNumber, after)).toBeGreaterThan(0);
      after = change.sequenceNumber;
      all.push({ ...change, shardId });
    }
  }
}

/** What was read of a feed so far, by item, and how far: the tests of one file read it once, together. */
interface Read {
  readonly ends: Map<string, string>;
  readonly byItem: Map<string, FoundChange[]>;
}
const reads = new WeakMap<ItemChanges, Read>();
const addressOf = ({ pk, sk }: ItemKey) => JSON.stringify([pk, sk]);

async function readOn(changes: ItemChanges): Promise<Read> {
  const read = reads.get(changes) ?? { ends: new Map(), byItem: new Map() };
  reads.set(changes, read);
  for (const shardId of await changes.shards(OUTBOX)) {
    const after = read.ends.get(shardId);
    for (const change of await readShard(changes, { shardId, ...(after === undefined ? {} : { after }) })) {
      read.ends.set(shardId, change.sequenceNumber);
      const address = addressOf(change.key);
      read.byItem.set(address, [...(read.byItem.get(address) ?? []), change]);
    }
  }
  return read;
}

/**
 * The changes of an item that only the calling test writes, since it last asked, oldest first. A feed may lag, so each item gets a last
 * write whose change is waited for: in the order of an item nothing can come behind it.
 */
export async function changesOf(
  subject: Pick<ChangesUnderTest, 'items' | 'changes'>,
  key: ItemKey,
): Promise<readonly FoundChange[]> {
  const { pk, sk } = key;
  const end: Item = { pk, sk, end: randomUUID() };
  const before = (await subject.items().get({ table: OUTBOX, key: { pk, sk } })) ?? null;
  await put(subject.items(), end);
  for (;;) {
    const readOfItem = (await readOn(subject.changes())).byItem;
    const found = readOfItem.get(addressOf(key)) ?? [];
    const last = found.at(-1);
    if (last?.after?.end === end.end) {
      expect(last).toMatchObject({ before, after: end, cause: 'write' });
      readOfItem.delete(addressOf(key));
      return found.slice(0, -1);
    }
    await pause(POLL_MS);
  }
}

export type Images = readonly [before: Item | null, after: Item | null];

export const imagesOf = (found: readonly ItemChange[]): readonly Images[] =>
  found.map(({ before, after }) => [before, after]);

/** Writes texts to one item of its own, one after another, and answers where their changes are. */
export async function writeSeries(
  subject: Pick<ChangesUnderTest, 'items' | 'changes'>,
  input: { readonly key: ItemKey; readonly texts: readonly string[] },
): Promise<{ readonly shardId: string; readonly positions: readonly string[] }> {
  const { pk, sk } = input.key;
  for (const text of input.texts) await put(subject.items(), { pk, sk, text });
  const found = await changesOf(subject, input.key);
  expect(found.map(({ after }) => after?.text)).toEqual(input.texts);
  const { shardId } = defined(found[0], 'the first change');
  return { shardId, positions: found.map(({ sequenceNumber }) => sequenceNumber) };
}
