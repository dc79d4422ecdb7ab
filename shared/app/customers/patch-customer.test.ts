import { expect, test } from 'vitest';
import { createCountedIds } from '../../adapters/memory/counted-ids.ts';
import { createMemoryItems } from '../../adapters/memory/items/memory-items.ts';
import { createCustomer } from './create-customer.ts';
import { patchCustomer } from './patch-customer.ts';

// Found by the simulation: the second of two equal requests was told that the subject is another customer's.
test('of two changes of the same version the second is told that it is not the version any more, not that its own name is taken', async () => {
  const clock = { nowMs: () => 0, sleep: async () => undefined };
  const items = createMemoryItems();
  const deps = { items, clock, ids: createCountedIds({ clock }) };
  const tenant = { key: 'acme', mode: 'live' } as const;
  await createCustomer(deps)({ tenant, key: 'ada', name: 'Ada', currency: 'USD' });
  const change = { tenant: 'acme', key: 'ada', ifMatch: 1, changes: { subjects: ['app'] } };
  let isFirst = true;
  const overtaken: typeof items.transact = async (operations) => {
    if (isFirst) {
      isFirst = false;
      expect(await patchCustomer(deps)(change)).toMatchObject({ ok: true });
    }
    return await items.transact(operations);
  };
  const second = patchCustomer({ ...deps, items: { ...items, transact: overtaken } })(change);
  expect(await second).toMatchObject({ ok: false, error: { code: 'request.precondition_failed' } });
});
