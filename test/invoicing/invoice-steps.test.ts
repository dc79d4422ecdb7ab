import { expect, test } from 'vitest';
import { verifyFiles } from '../../shared/app/invoicing/verify-files.ts';
import { createRunnerProcess, passTime } from '../state-machines/runner-process.ts';
import {
  type BillingWorld,
  bill,
  createBillingWorld,
  DECEMBER_MS,
  draft,
  finalize,
  JANUARY_MS,
  NOVEMBER_MS,
  PLAN_CHARGES,
  type Step,
  TENANT,
} from './billing-world.ts';
import { CUSTOMERS, EXPECTED, traceEvents } from './llm-invoices.ts';

const DAY_MS = 86_400_000;
type Shown = Awaited<ReturnType<BillingWorld['invoices']>>[number];

function traceRows(customer: string) {
  return [...traceEvents(customer).values()].flat().map(({ id, meter, quantity, time }) => {
    const dimensions = '{}';
    return {
      customer,
      meter,
      id,
      source: 'default',
      quantity,
      dimensions,
      timeMs: Date.parse(time),
      chunk: customer,
    };
  });
}

/** One request in November. */
const request = (id: string, customer = 'acme') => ({
  ...{ customer, id, source: 'default', meter: 'requests', quantity: '1', dimensions: '{}', chunk: id },
  timeMs: NOVEMBER_MS + 5 * DAY_MS,
});

const amountsOf = (
  lines: readonly { readonly charge: string; readonly quantity: string; readonly amount: string }[],
) => Object.fromEntries(lines.map(({ charge, quantity, amount }) => [charge, { quantity, amount }]));

test('the trace under the plan gives the invoices of an independent program, and their evidence proves them', async () => {
  const world = await createBillingWorld();
  for (const customer of CUSTOMERS) {
    await world.subscribe(customer);
    await world.count(traceRows(customer));
  }
  await bill(world, world.run, DECEMBER_MS);
  const invoices = await world.invoices();
  expect(invoices.map(({ customer }) => customer).toSorted()).toEqual(CUSTOMERS.toSorted());
  for (const invoice of invoices) {
    const expected = EXPECTED[invoice.customer];
    expect(amountsOf(invoice.lines)).toEqual(expected?.lines);
    expect(invoice).toMatchObject({ status: 'finalized', total: expected?.total });
    expect(await differenceOf(invoice)).toBeNull();
  }
  expect(invoices.map(({ number }) => number).toSorted()).toEqual(
    [1, 2, 3, 4, 5].map((ordinal) => `INV-00000${ordinal}`),
  );
});

/** What the customer's own recomputation says: null where every figure follows from the events. */
async function differenceOf({ evidence, ...invoice }: Shown) {
  const texts = (evidence ?? '').split('\n').slice(0, -1);
  const lines = texts.map((text, index) => ({ number: index + 1, text }));
  const verdict = await verifyFiles({ invoice: JSON.stringify(invoice), evidence: asyncOf(lines) });
  return verdict.ok ? verdict.value.difference : verdict.error;
}

async function* asyncOf<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

test('an event that comes after finalization is an adjustment of the next invoice, at exactly its price', async () => {
  const world = await createBillingWorld();
  await world.subscribe('acme');
  // 1,000 requests are free, so that the next one begins a package of 0.50.
  await world.count(
    Array.from({ length: 1_000 }, (_, index) => ({ ...request(`r-${index}`), chunk: 'first' })),
  );
  await bill(world, world.run, DECEMBER_MS);
  await world.count([request('late')]);
  await bill(world, world.run, JANUARY_MS);
  const [november, december] = (await world.invoices()).toSorted((a, b) =>
    a.period.from < b.period.from ? -1 : 1,
  );
  expect(amountsOf(november?.lines ?? []).requests).toEqual({ quantity: '1000', amount: '0.00' });
  expect(november?.total).toBe('20.00');
  expect(december?.lines.filter(({ kind }) => kind === 'adjustment')).toMatchObject([
    {
      charge: 'requests',
      quantity: '1',
      amount: '0.50',
      evidence: { events: 1_001 },
      period: november?.period,
    },
  ]);
  expect(december?.total).toBe('20.50');
  for (const invoice of [november, december]) expect(invoice && (await differenceOf(invoice))).toBeNull();
});

test('an event within the grace is on the invoice itself', async () => {
  const world = await createBillingWorld();
  await world.subscribe('acme');
  await world.passFence(DECEMBER_MS);
  await draft(world.run, DECEMBER_MS);
  expect(await world.invoices()).toMatchObject([{ status: 'draft', number: null, total: '20.00' }]);
  const rows = Array.from({ length: 1_001 }, (_, index) => ({ ...request(`r-${index}`), chunk: 'grace' }));
  await world.count(rows);
  await finalize(world.run, DECEMBER_MS + DAY_MS - 1, 'too-early');
  expect(await world.invoices()).toMatchObject([{ status: 'draft' }]);
  await finalize(world.run, DECEMBER_MS + DAY_MS);
  expect(await world.invoices()).toMatchObject([
    { status: 'finalized', number: 'INV-000001', total: '20.50' },
  ]);
});

test('every step run twice, and every run twice under another name, changes not one byte', async () => {
  const billed = async (twice: boolean) => {
    const world = await createBillingWorld();
    const step: Step = async (input) => {
      const first = await world.run(input);
      if (twice) expect(await world.run(input)).toEqual(first);
      return first;
    };
    for (const customer of CUSTOMERS) await world.subscribe(customer);
    await world.count([request('one'), request('two', 'hooli')]);
    await bill(world, step, DECEMBER_MS);
    if (twice) {
      await draft(step, DECEMBER_MS, 'again');
      await finalize(step, DECEMBER_MS + DAY_MS, 'again');
    }
    return JSON.stringify(await world.invoices());
  };
  expect(await billed(true)).toBe(await billed(false));
});

test('two runs at the same time give every invoice one number, without a gap', async () => {
  const world = await createBillingWorld();
  const customers = Array.from({ length: 120 }, (_, index) => `customer-${index}`);
  for (const customer of customers) await world.subscribe(customer);
  await world.passFence(DECEMBER_MS);
  await Promise.all([draft(world.run, DECEMBER_MS, 'a'), draft(world.run, DECEMBER_MS, 'b')]);
  const dueAtMs = DECEMBER_MS + DAY_MS;
  await Promise.all([finalize(world.run, dueAtMs, 'a'), finalize(world.run, dueAtMs, 'b')]);
  const numbers = (await world.invoices()).map(({ number }) => number);
  expect(numbers.toSorted()).toEqual(
    customers.map((_, index) => `INV-${String(index + 1).padStart(6, '0')}`),
  );
});

test('a run numbers its invoices by period end and id', async () => {
  const world = await createBillingWorld();
  for (let index = 0; index < 60; index += 1) await world.subscribe(`customer-${index}`);
  await bill(world, world.run, JANUARY_MS);
  const numbered = (await world.invoices()).map(({ period, id, number }) => [`${period.to} ${id}`, number]);
  expect(numbered.toSorted()).toEqual(
    numbered
      .map(([order]) => order)
      .toSorted()
      .map((order, index) => [order, `INV-${String(index + 1).padStart(6, '0')}`]),
  );
});

test('the machines make the invoices, page by page', async () => {
  const world = await createBillingWorld();
  for (let index = 0; index < 150; index += 1) await world.subscribe(`customer-${index}`);
  await world.passFence(DECEMBER_MS);
  const { runner } = createRunnerProcess(world);
  const runMachine = async (machine: string, dueAtMs: number) => {
    const execution = { machine, name: 'one' };
    const dueAt = new Date(dueAtMs).toISOString();
    await runner.start({ ...execution, input: { v: 1, tenant: TENANT, dueAt } });
    await passTime(world.clock, runner.idle());
    return await runner.get(execution);
  };
  const output = { pages: 2, invoices: 150, failed: [] };
  expect(await runMachine('draft-invoices', DECEMBER_MS)).toMatchObject({ status: 'succeeded', output });
  const finalized = await runMachine('finalize-invoices', DECEMBER_MS + DAY_MS);
  expect(finalized).toMatchObject({ status: 'succeeded', output });
  const invoices = await world.invoices();
  expect(invoices.filter(({ status, total }) => status === 'finalized' && total === '20.00')).toHaveLength(
    150,
  );
});

test('what was billed in advance for a period that ends early is given back by its part', async () => {
  const seat = { key: 'seat', price: { model: 'flat', amount: '30.00' } } as const;
  const world = await createBillingWorld([seat]);
  await world.subscribe('acme');
  await bill(world, world.run, NOVEMBER_MS);
  await world.clock.advance(10 * DAY_MS);
  await world.cancel('acme');
  await bill(world, world.run, NOVEMBER_MS + 10 * DAY_MS);
  const lines = (await world.invoices()).flatMap((invoice) =>
    invoice.lines.map(({ kind, amount }) => [invoice.number, kind, amount, invoice.total]),
  );
  expect(lines.toSorted()).toEqual([
    ['INV-000001', 'recurring', '30.00', '30.00'],
    ['INV-000002', 'adjustment', '-20.00', '-20.00'],
  ]);
});

test.each([
  ['its start', NOVEMBER_MS, []],
  ['a boundary', DECEMBER_MS, [['INV-000001', '30.00']]],
])(
  'a subscription canceled at the instant of %s that is drafted already owes nothing from then on',
  async (...of) => {
    const [, atMs, expected] = of;
    const seat = { key: 'seat', price: { model: 'flat', amount: '30.00' } } as const;
    const world = await createBillingWorld([seat]);
    await world.subscribe('acme');
    if (atMs > NOVEMBER_MS) await bill(world, world.run, NOVEMBER_MS);
    await world.clock.advance(atMs - NOVEMBER_MS);
    await world.passFence(atMs);
    await draft(world.run, atMs);
    await world.cancel('acme');
    await draft(world.run, atMs, 'again');
    await finalize(world.run, atMs + DAY_MS);
    const invoices = await world.invoices();
    const owed = invoices.filter(({ status }) => status !== 'void');
    expect(owed.map(({ number, total }) => [number, total])).toEqual(expected);
    const due = await world.items.query({ table: 'main', pk: `tenant#${TENANT}#due`, limit: 10 });
    expect(due.items).toEqual([]);
  },
);

test('a subscription several periods behind is billed period by period in one run', async () => {
  const world = await createBillingWorld();
  await world.subscribe('acme');
  await bill(world, world.run, Date.UTC(2024, 1, 1));
  const periods = (await world.invoices()).map(({ period, status, total }) => [period.from, status, total]);
  expect(periods.toSorted()).toEqual(
    [NOVEMBER_MS, DECEMBER_MS, JANUARY_MS].map((ms) => [new Date(ms).toISOString(), 'finalized', '20.00']),
  );
});

test('a charge that cannot be rated is quarantined with its reason, and the others are billed', async () => {
  const unitAmount = '999999999999999';
  const dear = { key: 'dear', meter: 'input_tokens', price: { model: 'per_unit', unitAmount } } as const;
  const world = await createBillingWorld([...PLAN_CHARGES, dear]);
  await world.subscribe('acme');
  const huge = { ...request('huge'), meter: 'input_tokens', quantity: '999999999999999' };
  await world.count([{ ...huge }, { ...huge, id: 'huge-2', chunk: 'huge-2' }]);
  await bill(world, world.run, DECEMBER_MS);
  const [invoice] = await world.invoices();
  expect(invoice?.lines.map(({ charge }) => charge)).toEqual(PLAN_CHARGES.map(({ key }) => key));
  expect(invoice?.status).toBe('finalized');
  // At the draft and when it is finalized: nobody is billed less without anybody being told.
  const reason = expect.stringContaining('too many digits');
  const line = { tenant: 'acme-corp', invoice: invoice?.id, charge: 'dear', reason };
  expect(world.told).toMatchObject([line, line]);
});
