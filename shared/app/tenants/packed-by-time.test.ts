import { expect, test } from 'vitest';
import { createCountedIds } from '../../adapters/memory/counted-ids.ts';
import { createMemoryItems } from '../../adapters/memory/items/memory-items.ts';
import { createTenant } from './create-tenant.ts';
import { createPackedByTime } from './packed-by-time.ts';

test('the choice of each tenant is read once, and an unknown tenant is our bug', async () => {
  const items = createMemoryItems();
  const clock = { nowMs: () => 0, sleep: async () => undefined };
  const deps = { items, clock, ids: createCountedIds({ clock }) };
  await createTenant(deps)({ key: 'a', name: 'A', mode: 'live', claims: 'packed-by-time' });
  await createTenant(deps)({ key: 'b', name: 'B', mode: 'live' });
  const read: string[] = [];
  const isPackedByTime = createPackedByTime({
    items: {
      ...items,
      get: (input) => {
        read.push(input.key.pk);
        return items.get(input);
      },
    },
  });
  for (const _round of [1, 2]) {
    expect(await isPackedByTime('a')).toBe(true);
    expect(await isPackedByTime('b')).toBe(false);
  }
  expect(read).toEqual(['tenant#a', 'tenant#b']);
  await expect(isPackedByTime('nobody')).rejects.toThrow('tenant nobody');
});
