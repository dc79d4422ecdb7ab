import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EmbeddedItems, openSqliteItems } from '../../shared/adapters/embedded/sqlite-items.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import type { Item } from '../../shared/ports/item-store.ts';
import { type FoundChange, OUTBOX, readShard } from './item-changes-builders.ts';
import { partitionOf, WRITERS, writeUntilKilled } from './items-writer.ts';

const KILLS = 5;
const program = join(import.meta.dirname, 'item-changes-writer.child.ts');

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'item-changes-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The table that the feed tells of, by sort key; fails where a change does not join the one before it. */
function replay(changes: readonly FoundChange[]): ReadonlyMap<string, Item> {
  const table = new Map<string, Item>();
  for (const { key, before, after } of changes) {
    expect(before).toEqual(table.get(key.sk) ?? null);
    if (after === null) table.delete(key.sk);
    else table.set(key.sk, after);
  }
  return table;
}

/** Whether the feed, the table and what was committed beside it are of the same moment; answers how many writes that is. */
async function checkPartition(
  { items }: EmbeddedItems,
  pk: string,
  changes: readonly FoundChange[],
): Promise<number> {
  const page = await items.query({ table: OUTBOX, pk, limit: 100 });
  expect([...replay(changes).values()].toSorted((a, b) => (a.sk < b.sk ? -1 : 1))).toEqual(page.items);
  const each = changes.filter(({ key }) => key.sk === 'each').map(({ after }) => after?.n);
  const last = await items.get({ table: 'main', key: { pk, sk: 'last' } });
  expect(each).toEqual(Array.from({ length: Number(last?.n ?? 0) }, (_, index) => index + 1));
  return each.length;
}

test('the feed of a process killed while it writes gives the table, and has every acknowledged write once', async () => {
  const path = join(folder, 'items.sqlite');
  let expired = 0;
  for (let round = 1; round <= KILLS; round += 1) {
    const told = await writeUntilKilled({ program, path, round, acknowledgements: 41 * round });
    const store = openSqliteItems({ path, clock: createSystemClock() });
    const [shardId = ''] = await store.changes.shards(OUTBOX);
    const changes = await readShard(store.changes, { shardId });
    for (let writer = 0; writer < WRITERS; writer += 1) {
      const pk = partitionOf(round, writer);
      const own = changes.filter(({ key }) => key.pk === pk);
      const acknowledged = told.filter((one) => one.writer === writer).length;
      // More may be there than was said: what is on its way to us when the process dies is lost, what it wrote is not.
      expect(await checkPartition(store, pk, own)).toBeGreaterThanOrEqual(acknowledged);
    }
    expired = changes.filter(({ cause }) => cause === 'expiry').length;
    await store.close();
  }
  expect(expired).toBeGreaterThan(0);
});
