import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryItems } from '../shared/adapters/memory/items/memory-items.ts';
import { createCheckpoints } from './checkpoints.ts';

test('a shard has no checkpoint before the first, and each shard has its own', async () => {
  const checkpoints = createCheckpoints({ items: createMemoryItems() });
  expect(await checkpoints.load('a')).toBeUndefined();
  await checkpoints.save('a', '7');
  await checkpoints.save('b', '3');
  expect(await checkpoints.load('a')).toBe('7');
  expect(await checkpoints.load('b')).toBe('3');
});

test('a checkpoint only moves forward, compared as numbers of any length', async () => {
  const checkpoints = createCheckpoints({ items: createMemoryItems() });
  const steps = [
    ['9', '9'],
    ['10', '10'],
    ['9', '10'],
    ['10', '10'],
    [`49${'0'.repeat(54)}`, `49${'0'.repeat(54)}`],
    ['500', `49${'0'.repeat(54)}`],
  ] as const;
  for (const [saved, expected] of steps) {
    await checkpoints.save('a', saved);
    expect(await checkpoints.load('a')).toBe(expected);
  }
});

test('it outlives its process: another one loads what was saved', async () => {
  const items = createMemoryItems();
  await createCheckpoints({ items }).save('a', '12');
  expect(await createCheckpoints({ items }).load('a')).toBe('12');
});

test('of pollers that save at the same time the one that is farthest decides, in whatever order they write', async () => {
  const positions = fc.array(fc.bigInt({ min: 1n, max: 10n ** 30n }), { minLength: 1, maxLength: 8 });
  const property = fc.asyncProperty(positions, fc.scheduler(), async (drawn, scheduler) => {
    const items = createMemoryItems();
    const slow = {
      ...items,
      get: scheduler.scheduleFunction(items.get),
      put: scheduler.scheduleFunction(items.put),
    };
    const saves = drawn.map((position) => createCheckpoints({ items: slow }).save('a', String(position)));
    await scheduler.waitFor(Promise.all(saves));
    const farthest = drawn.toSorted((a, b) => (a < b ? -1 : 1)).at(-1);
    expect(await createCheckpoints({ items }).load('a')).toBe(String(farthest));
  });
  await fc.assert(property, { numRuns: 200 });
});
