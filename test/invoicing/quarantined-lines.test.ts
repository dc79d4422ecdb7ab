import { expect, test, vi } from 'vitest';
import {
  countQuarantinedLines,
  listQuarantinedLines,
  type QuarantinePosition,
} from '../../shared/app/invoicing/list-quarantined-lines.ts';
import { verifyFiles } from '../../shared/app/invoicing/verify-files.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
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
const FEBRUARY_MS = Date.UTC(2024, 1, 1);
const MARCH_MS = Date.UTC(2024, 2, 1);
const NOVEMBER = '2023-11';
const FEE: Charge = { key: 'fee', timing: 'arrears', price: { model: 'flat', amount: '20.00' } };
/** 999,999,999,999,999 of these have 32 digits in cents, which is more than any amount may have. */
const DEAR: Charge = {
  key: 'dear',
  meter: 'input_tokens',
  price: { model: 'per_unit', unitAmount: '999999999999999.01' },
};

const used = (id: string, quantity: string, timeMs = NOVEMBER_MS + DAY_MS) => ({
  ...{ customer: 'acme', id, source: 'default', meter: 'input_tokens', quantity, dimensions: '{}' },
  ...{ chunk: id, timeMs },
});

/** A world whose November cannot be rated for one charge, until `mend` leaves it two units. */
async function createBrokenWorld() {
  const world = await createBillingWorld([FEE, DEAR]);
  await world.subscribe('acme');
  await world.count([used('huge', '999999999999999')]);
  return { ...world, mend: () => world.count([used('correction', '-999999999999997')]) };
}

/** What two units of it cost. */
const WHOLE_AMOUNT = '1999999999999998.02';

/** Lines that name the month, as [month of the invoice, kind, charge, amount]. */
async function linesOf(world: BillingWorld, month: string) {
  const invoices = (await world.invoices()).toSorted((a, b) => (a.period.from < b.period.from ? -1 : 1));
  return invoices.flatMap(({ period, lines }) =>
    lines
      .filter((line) => line.period.from.startsWith(month))
      .map(({ kind, charge, amount }) => [period.from.slice(0, 7), kind, charge, amount]),
  );
}

test('what could not be rated is billed whole by the next invoice once its cause is mended', async () => {
  const world = await createBrokenWorld();
  await bill(world, world.run, DECEMBER_MS);
  await world.mend();
  await bill(world, world.run, JANUARY_MS);
  expect(await linesOf(world, NOVEMBER)).toEqual([
    ['2023-11', 'recurring', 'fee', '20.00'],
    ['2023-12', 'adjustment', 'dear', WHOLE_AMOUNT],
  ]);
});

test('what could not be proved is billed whole by the next invoice once its events are all there', async () => {
  const world = await createBillingWorld([
    FEE,
    { ...DEAR, price: { model: 'per_unit', unitAmount: '0.50' } },
  ]);
  await world.subscribe('acme');
  await world.count([used('one', '3'), used('two', '4')]);
  const { evidence } = world.analytics;
  const partly = vi.spyOn(world.analytics, 'evidence');
  partly.mockImplementation(async (asked) => {
    const { rows, next } = await evidence(asked);
    return { rows: rows.slice(1), next };
  });
  await bill(world, world.run, DECEMBER_MS);
  partly.mockRestore();
  await bill(world, world.run, JANUARY_MS);
  expect(await linesOf(world, NOVEMBER)).toEqual([
    ['2023-11', 'recurring', 'fee', '20.00'],
    ['2023-12', 'adjustment', 'dear', '3.50'],
  ]);
});

test('what could not be rated is billed however late its cause is mended, and once', async () => {
  const world = await createBrokenWorld();
  for (const closingMs of [DECEMBER_MS, JANUARY_MS, FEBRUARY_MS]) await bill(world, world.run, closingMs);
  await world.mend();
  await bill(world, world.run, MARCH_MS);
  await bill(world, world.run, Date.UTC(2024, 3, 1));
  expect(await linesOf(world, NOVEMBER)).toEqual([
    ['2023-11', 'recurring', 'fee', '20.00'],
    ['2024-02', 'adjustment', 'dear', WHOLE_AMOUNT],
  ]);
});

test('what could not be rated of a subscription that has ended is billed after its end', async () => {
  const world = await createBrokenWorld();
  await world.clock.advance(10 * DAY_MS);
  await world.cancel('acme');
  const endMs = NOVEMBER_MS + 10 * DAY_MS;
  await bill(world, world.run, endMs);
  await bill(world, world.run, endMs + 3 * DAY_MS);
  await world.mend();
  await bill(world, world.run, endMs + 5 * DAY_MS);
  expect(await linesOf(world, NOVEMBER)).toEqual([
    ['2023-11', 'recurring', 'fee', '6.67'],
    ['2023-11', 'adjustment', 'dear', WHOLE_AMOUNT],
  ]);
  for (const invoice of await world.invoices()) expect(await differenceOf(invoice)).toBeNull();
  // Nothing is left to follow.
  const due = await world.items.query({ table: 'main', pk: `tenant#${TENANT}#due`, limit: 10 });
  expect(due.items).toEqual([]);
});

/** What the customer's own recomputation says: null where every figure follows from the events. */
async function differenceOf({ evidence, ...invoice }: Awaited<ReturnType<BillingWorld['invoices']>>[number]) {
  const lines = (async function* () {
    for (const [index, text] of (evidence ?? '').split('\n').slice(0, -1).entries())
      yield { number: index + 1, text };
  })();
  const verdict = await verifyFiles({ invoice: JSON.stringify(invoice), evidence: lines });
  return verdict.ok ? verdict.value.difference : verdict.error;
}

test('a line is listed from when it fails until the invoice that bills it is final', async () => {
  const world = await createBrokenWorld();
  const listed = async () => {
    const lines = await listQuarantinedLines(world)({ tenant: TENANT, limit: 10 });
    expect(await countQuarantinedLines(world.items)).toBe(lines.length);
    return lines.map(({ charge, quarantinedAtMs, triedAtMs }) => [charge, quarantinedAtMs, triedAtMs]);
  };
  await world.passFence(DECEMBER_MS);
  expect(await listed()).toEqual([]);
  await draft(world.run, DECEMBER_MS);
  expect(await listed()).toEqual([['dear', DECEMBER_MS, DECEMBER_MS]]);
  await finalize(world.run, DECEMBER_MS + DAY_MS);
  expect(await listed()).toEqual([['dear', DECEMBER_MS, DECEMBER_MS + DAY_MS]]);
  await world.mend();
  await world.passFence(JANUARY_MS);
  await draft(world.run, JANUARY_MS);
  expect(await listed()).toEqual([['dear', DECEMBER_MS, DECEMBER_MS + DAY_MS]]);
  await finalize(world.run, JANUARY_MS + DAY_MS);
  expect(await listed()).toEqual([]);
});

test('a line that fails at the draft and not when it becomes final is on its own invoice, and listed no more', async () => {
  const world = await createBrokenWorld();
  await world.passFence(DECEMBER_MS);
  await draft(world.run, DECEMBER_MS);
  await world.mend();
  await finalize(world.run, DECEMBER_MS + DAY_MS);
  expect(await linesOf(world, NOVEMBER)).toEqual([
    ['2023-11', 'recurring', 'fee', '20.00'],
    ['2023-11', 'usage', 'dear', WHOLE_AMOUNT],
  ]);
  expect(await listQuarantinedLines(world)({ tenant: TENANT, limit: 10 })).toEqual([]);
});

test('a line for which nothing is due once its cause is mended is listed no more', async () => {
  const world = await createBrokenWorld();
  await bill(world, world.run, DECEMBER_MS);
  await world.count([used('correction', '-999999999999999')]);
  await bill(world, world.run, JANUARY_MS);
  expect(await linesOf(world, NOVEMBER)).toEqual([['2023-11', 'recurring', 'fee', '20.00']]);
  expect(await listQuarantinedLines(world)({ tenant: TENANT, limit: 10 })).toEqual([]);
});

test('a subscription all of whose lines fail has no invoice, and all of them later', async () => {
  const world = await createBillingWorld([DEAR]);
  await world.subscribe('acme');
  await world.count([used('huge', '999999999999999')]);
  await bill(world, world.run, DECEMBER_MS);
  expect(await world.invoices()).toEqual([]);
  await world.clock.advance(31 * DAY_MS);
  await world.cancel('acme');
  await world.count([used('correction', '-999999999999997')]);
  await bill(world, world.run, DECEMBER_MS + DAY_MS);
  expect(await linesOf(world, NOVEMBER)).toEqual([['2023-12', 'adjustment', 'dear', WHOLE_AMOUNT]]);
});

test('many lines of one subscription are kept, listed in pages and billed together', async () => {
  const prices = Array.from({ length: 100 }, (_, index) => ({ ...DEAR, key: `dear_${index}` }));
  const world = await createBillingWorld(prices);
  await world.subscribe('acme');
  const huge = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((month) => Date.UTC(2023, 10 + month, 5));
  await world.count(huge.map((timeMs) => used(`huge-${timeMs}`, '999999999999999', timeMs)));
  const endMs = Date.UTC(2024, 10, 1);
  await bill(world, world.run, endMs);
  expect(await countQuarantinedLines(world.items)).toBe(1_200);
  const names: string[] = [];
  let after: QuarantinePosition | undefined;
  do {
    const page = await listQuarantinedLines(world)({ tenant: TENANT, limit: 97, ...(after && { after }) });
    names.push(...page.map(({ charge, startMs }) => `${startMs} ${charge}`));
    after = page.at(-1)?.position;
  } while (after !== undefined);
  expect([names.length, new Set(names).size]).toEqual([1_200, 1_200]);
  await world.count(huge.map((timeMs) => used(`less-${timeMs}`, '-999999999999998', timeMs)));
  await bill(world, world.run, Date.UTC(2024, 11, 1));
  const billed = (await world.invoices())
    .flatMap(({ lines }) => lines)
    .filter(({ quantity }) => quantity === '1');
  expect(billed).toHaveLength(LIMITS.quarantinedLinesPerClosing + 100);
  expect(await countQuarantinedLines(world.items)).toBe(100);
  await bill(world, world.run, Date.UTC(2025, 0, 1));
  const all = (await world.invoices())
    .flatMap(({ lines }) => lines)
    .filter(({ quantity }) => quantity === '1');
  expect(new Set(all.map(({ charge, period }) => `${period.from} ${charge}`)).size).toBe(1_200);
  expect(await countQuarantinedLines(world.items)).toBe(0);
});
