import { expect, test } from 'vitest';
import { createMemoryItems } from '../../adapters/memory/items/memory-items.ts';
import { flipGeneration, nextGenerations, readGenerations } from './generation-store.ts';
import { createGenerationsReader } from './read-generations.ts';

const DAY_MS = 86_400_000;
const MONDAY_MS = Date.UTC(2026, 10, 23);
const TUESDAY_MS = MONDAY_MS + DAY_MS;
const ACME = { tenant: 'acme', meter: 'tokens' };

async function worldOf() {
  const items = createMemoryItems();
  const begin = async (days: readonly number[], sinceRevision: number, planned = 0) => {
    const written = await items.transact(
      await nextGenerations(items, { ...ACME, days, sinceRevision, planned }),
    );
    expect(written.ok).toBe(true);
  };
  const flip = async (dayMs: number) => {
    const record = (await readGenerations(items, { ...ACME, days: [dayMs] })).get(dayMs);
    if (record) expect((await items.transact([flipGeneration(record, 1)])).ok).toBe(true);
    return (await readGenerations(items, { ...ACME, days: [dayMs] })).get(dayMs);
  };
  return { items, begin, flip };
}

test('a plan writes the generation that began at its revision or before, of its meter and day, whatever began since', async () => {
  const { items, begin } = await worldOf();
  await begin([TUESDAY_MS], 5);
  await begin([TUESDAY_MS], 8);
  const read = createGenerationsReader({ items });
  const at = async (revision: number, timeMs = TUESDAY_MS, more = {}) => {
    const row = { ...ACME, revision, timeMs, ...more };
    return (await read([row]))(row);
  };
  expect(await Promise.all([4, 5, 7, 8, 100].map((revision) => at(revision)))).toEqual([0, 1, 1, 2, 2]);
  expect(await at(8, TUESDAY_MS + DAY_MS - 1)).toBe(2);
  expect(await at(8, TUESDAY_MS - 1)).toBe(0);
  expect(await at(8, TUESDAY_MS + DAY_MS)).toBe(0);
  expect(await at(8, TUESDAY_MS, { meter: 'token' })).toBe(0);
  expect(await at(8, TUESDAY_MS, { tenant: 'globex' })).toBe(0);
});

test('what is known of a revision and day is read once, and never becomes another', async () => {
  const { items, begin } = await worldOf();
  let queries = 0;
  const counting: typeof items.query = async (input) => {
    queries += 1;
    return await items.query(input);
  };
  const read = createGenerationsReader({ items: { ...items, query: counting } });
  const rows = [0, 1, DAY_MS].map((ms) => ({ ...ACME, revision: 3, timeMs: MONDAY_MS + ms }));
  await read(rows);
  await begin([MONDAY_MS], 4);
  const generationOf = await read(rows);
  expect(rows.map(generationOf)).toEqual([0, 0, 0]);
  expect(queries).toBe(2);
});

test('what no plan under way can need is forgotten: before the flip of a generation, and before one that was given up', async () => {
  const { begin, flip } = await worldOf();
  await begin([MONDAY_MS], 5);
  await begin([MONDAY_MS], 8, 5);
  await begin([MONDAY_MS], 9, 8);
  expect(await flip(MONDAY_MS)).toMatchObject({
    current: 3,
    newest: 3,
    entries: [{ generation: 3, sinceRevision: 9 }],
  });
  await begin([MONDAY_MS], 12);
  expect(await flip(TUESDAY_MS)).toBeNull();
  expect(await flip(MONDAY_MS)).toMatchObject({
    current: 4,
    entries: [{ generation: 4, sinceRevision: 12 }],
  });
});
