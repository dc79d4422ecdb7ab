import { expect, test, vi } from 'vitest';
import { listQuarantinedLines } from '../../shared/app/invoicing/list-quarantined-lines.ts';
import { tenantKey } from '../../shared/app/records/tenant.ts';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import {
  type BillingWorld,
  bill,
  createBillingWorld,
  DECEMBER_MS,
  draft,
  finalize,
  JANUARY_MS,
  NOVEMBER_MS,
  TENANT,
} from './billing-world.ts';

const DAY_MS = 86_400_000;
const price = { model: 'per_unit', unitAmount: '0.50' } as const;
const CHARGES: readonly Charge[] = [
  { key: 'tokens', meter: 'input_tokens', price },
  { key: 'requests', meter: 'requests', price },
];

const used = (customer: string, id: string, fields: Partial<UsageRow> = {}) => ({
  ...{
    customer,
    id: `${customer}-${id}`,
    source: 'default',
    meter: 'input_tokens',
    quantity: '4',
    dimensions: '{}',
  },
  ...{ chunk: `${customer}-${id}-${fields.timeMs}-${fields.sign}`, timeMs: NOVEMBER_MS + DAY_MS },
  ...fields,
});

/** Two customers with a monthly plan of a tenant that made this choice. */
async function createWorld(claims: 'exact' | 'packed-by-time' = 'packed-by-time') {
  const world = await createBillingWorld(CHARGES);
  await world.items.update({ table: 'main', key: tenantKey(TENANT), changes: { set: { claims } } });
  for (const customer of ['acme', 'globex']) {
    await world.subscribe(customer);
    await world.count([
      used(customer, 'first'),
      used(customer, 'call', { meter: 'requests', quantity: '1' }),
    ]);
  }
  return world;
}

/** Lines that are on invoices, as [customer, month of the invoice, kind, charge, amount]. */
async function linesOf(world: BillingWorld) {
  const invoices = await world.invoices();
  return invoices
    .flatMap(({ customer, period, lines }) =>
      lines.map(({ kind, charge, amount }) => [customer, period.from.slice(0, 7), kind, charge, amount]),
    )
    .map((line) => line.join(' '))
    .toSorted();
}

function quarantinedOf({ items, objects }: BillingWorld) {
  return listQuarantinedLines({ items, objects })({ tenant: TENANT, limit: 100 });
}

const WITHOUT = [
  'acme 2023-11 usage requests 0.50',
  'globex 2023-11 usage requests 0.50',
  'globex 2023-11 usage tokens 2.00',
];

test('an event that came with two times keeps its line from the invoice, and no other line', async () => {
  const world = await createWorld();
  await world.count([used('acme', 'first', { timeMs: NOVEMBER_MS + 2 * DAY_MS })]);
  await bill(world, world.run, DECEMBER_MS);
  expect(await linesOf(world)).toEqual(WITHOUT);
  const message = 'input_tokens counts an event 2 times, for it came with several times: default/acme-first';
  expect(await quarantinedOf(world)).toMatchObject([
    { charge: 'tokens', code: 'invoice.line_duplicated', message, subscription: 'sub_acme' },
  ]);
});

test('once one of them is taken back the line is billed, by the next invoice', async () => {
  const world = await createWorld();
  const twice = used('acme', 'first', { timeMs: NOVEMBER_MS + 2 * DAY_MS });
  await world.count([twice]);
  await bill(world, world.run, DECEMBER_MS);
  await world.count([{ ...twice, chunk: 'revoked', sign: -1 }]);
  await bill(world, world.run, JANUARY_MS);
  const november = (await linesOf(world)).filter((line) => !line.endsWith(' 0.00'));
  expect(november).toEqual(['acme 2023-12 adjustment tokens 2.00', ...WITHOUT].toSorted());
  expect(await quarantinedOf(world)).toEqual([]);
});

test('once one of them is taken back within the day of grace the invoice has the line itself', async () => {
  const world = await createWorld();
  const twice = used('acme', 'first', { timeMs: NOVEMBER_MS + 2 * DAY_MS });
  await world.count([twice]);
  await world.passFence(DECEMBER_MS);
  await draft(world.run, DECEMBER_MS);
  expect(await linesOf(world)).toEqual(WITHOUT);
  await world.count([{ ...twice, chunk: 'revoked', sign: -1 }]);
  await finalize(world.run, DECEMBER_MS + DAY_MS);
  expect(await linesOf(world)).toEqual([...WITHOUT, 'acme 2023-11 usage tokens 2.00'].toSorted());
  expect(await quarantinedOf(world)).toEqual([]);
});

test('the other time may lie in the period before: then what is billed by now stays, and the rest waits', async () => {
  const world = await createWorld();
  await bill(world, world.run, DECEMBER_MS);
  await world.count([used('acme', 'first', { timeMs: DECEMBER_MS + DAY_MS })]);
  await bill(world, world.run, JANUARY_MS);
  const ofAcme = (await linesOf(world)).filter((line) => line.startsWith('acme'));
  expect(ofAcme).toEqual([
    'acme 2023-11 usage requests 0.50',
    'acme 2023-11 usage tokens 2.00',
    'acme 2023-12 usage requests 0.00',
  ]);
  const waiting = (await quarantinedOf(world)).map(({ charge, kind, code }) => [charge, kind, code]);
  expect(waiting).toEqual([
    ['tokens', 'usage', 'invoice.line_duplicated'],
    ['tokens', 'adjustment', 'invoice.line_duplicated'],
  ]);
});

test('where more are counted twice than can be listed, no line of a meter is billed', async () => {
  const world = await createWorld();
  const ids = Array.from({ length: 1_000 }, (_, index) => `many-${index}`);
  const twice = ids.flatMap((id) => [
    used('acme', id, { chunk: 'many' }),
    used('acme', id, { chunk: 'more', timeMs: NOVEMBER_MS + 2 * DAY_MS }),
  ]);
  await world.count(twice);
  await bill(world, world.run, DECEMBER_MS);
  expect(await linesOf(world)).toEqual([]);
  expect(await quarantinedOf(world)).toHaveLength(4);
});

test('tenants that know events by their ids are not asked', async () => {
  const world = await createWorld('exact');
  const asked = vi.spyOn(world.analytics, 'duplicatesOf');
  await bill(world, world.run, DECEMBER_MS);
  expect(asked).not.toHaveBeenCalled();
  expect(await linesOf(world)).toEqual([...WITHOUT, 'acme 2023-11 usage tokens 2.00'].toSorted());
});
