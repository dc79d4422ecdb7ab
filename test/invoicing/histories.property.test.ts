import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verifyFiles } from '../../shared/app/invoicing/verify-files.ts';
import { createPlanVersion } from '../../shared/app/plans/create-version.ts';
import { publishPlanVersion } from '../../shared/app/plans/publish-version.ts';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import { type BillingWorld, draft, finalize, TENANT } from './billing-world.ts';
import {
  anyHistory,
  type Batch,
  CLOSINGS,
  type History,
  type HistoryRow,
  rowsOf,
  tell,
} from './random-history.ts';

const RUNS = { numRuns: 25 };
const DAY_MS = 86_400_000;
type Shown = Awaited<ReturnType<BillingWorld['invoices']>>[number];

const inOrder = (history: History) => ({
  batchesAt: (stage: number) => [rowsOf(history).filter(({ fence }) => fence === stage)],
});

/** Each finalized invoice with its evidence, byte by byte, by number. */
async function finalizedOf(world: BillingWorld): Promise<Readonly<Record<string, string>>> {
  const finalized = (await world.invoices()).filter(({ number }) => number !== null);
  return Object.fromEntries(
    finalized.map(({ evidence, ...invoice }) => [invoice.number, `${canonicalJson(invoice)}\n${evidence}`]),
  );
}

test('a finalized invoice never changes: not by late events, corrections, a new version, the end, or another run', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (history) => {
      let finalized: Readonly<Record<string, string>> = {};
      const world = await tell(history, {
        ...inOrder(history),
        afterClosing: async (after, closing) => {
          const now = await finalizedOf(after);
          expect(now).toMatchObject(finalized);
          finalized = now;
          if (closing === 0) await publishNext(after, history);
          if (closing === 1) await after.cancel('globex');
        },
      });
      for (const { atMs } of CLOSINGS) {
        await draft(world.run, atMs, `again-${atMs}`);
        await finalize(world.run, atMs + DAY_MS, `again-${atMs}`);
      }
      expect(await finalizedOf(world)).toEqual(finalized);
      expect(Object.keys(finalized).length).toBeGreaterThan(0);
    }),
    RUNS,
  );
});

async function publishNext({ config }: BillingWorld, { nextCharges }: History): Promise<void> {
  const version = { tenant: { key: TENANT, mode: 'live' }, plan: 'llm_pro' } as const;
  const created = await createPlanVersion(config)({ ...version, charges: nextCharges });
  const published = await publishPlanVersion(config)({ ...version, version: 2, apply: 'immediately' });
  expect([created.ok, published.ok]).toEqual([true, true]);
}

test('the same events behind the same fences give the same invoices, byte for byte, in any order and batches, early or late', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, fc.infiniteStream(fc.nat()), async (history, chance) => {
      const expected = await tell(history, inOrder(history));
      const shuffled = rowsOf(history)
        .map((row) => ({ row, rank: chance.next().value ?? 0 }))
        .toSorted((left, right) => left.rank - right.rank);
      const batches = Map.groupBy(shuffled, ({ rank }) => rank % 4);
      const early = [...batches.values()].map((batch): Batch => batch.map(({ row }) => row));
      // All rows are there from the first day on; only their fences say when they count.
      const other = await tell(history, { batchesAt: (stage) => (stage === 0 ? early : []) });
      expect(await finalizedOf(other)).toEqual(await finalizedOf(expected));
    }),
    RUNS,
  );
});

test('a line counts the events that stand ahead of the fence of its invoice, and no other', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (history) => {
      const rows = rowsOf(history);
      const world = await tell(history, inOrder(history));
      const invoices = (await world.invoices()).filter(({ number }) => number !== null);
      for (const invoice of invoices) {
        expect(CLOSINGS.map(({ fence }) => fence)).toContain(invoice.fence);
        for (const line of invoice.lines.filter(({ meterVersion }) => meterVersion !== null)) {
          const { meter } = history.charges.find(({ key }) => key === line.charge) ?? {};
          const counted = rows.filter(
            (row) =>
              row.fence < (invoice.fence ?? 0) &&
              row.meter === meter &&
              row.customer === invoice.customer &&
              row.timeMs >= Date.parse(line.period.from) &&
              row.timeMs < Date.parse(line.period.to),
          );
          expect(eventsOfLine(invoice, line.id).toSorted()).toEqual(standing(counted).toSorted());
        }
      }
    }),
    RUNS,
  );
});

/** `<id> <quantity>` of each event that the evidence file has for the line. */
function eventsOfLine({ evidence }: Shown, line: string): readonly string[] {
  const found: string[] = [];
  let isOfLine = false;
  for (const text of (evidence ?? '').trimEnd().split('\n')) {
    const record = JSON.parse(text) as { kind: string; line?: string; id?: string; quantity?: string };
    if (record.kind === 'line') isOfLine = record.line === line;
    if (record.kind === 'event' && isOfLine) found.push(`${record.id} ${record.quantity}`);
  }
  return found;
}

function standing(rows: readonly HistoryRow[]): readonly string[] {
  const byEvent = Map.groupBy(rows, ({ id, quantity }) => `${id} ${quantity}`);
  return [...byEvent].flatMap(([event, signed]) =>
    signed.reduce((sum, { sign }) => sum + sign, 0) > 0 ? [event] : [],
  );
}

test('every invoice adds up to the cent, and every figure of it follows from its evidence', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (history) => {
      const world = await tell(history, inOrder(history));
      for (const { evidence, ...invoice } of await world.invoices()) {
        const { lines, subtotal, discountTotal, taxTotal, creditTotal, total } = invoice;
        expect(cents(subtotal)).toBe(lines.reduce((sum, { amount }) => sum + cents(amount), 0n));
        expect(cents(total)).toBe(
          cents(subtotal) - cents(discountTotal) + cents(taxTotal) - cents(creditTotal),
        );
        // An adjustment is a difference, and has no tiers.
        for (const { amount, tiers } of lines.filter(({ kind }) => kind !== 'adjustment'))
          expect(cents(amount)).toBe(tiers.reduce((sum, tier) => sum + cents(tier.amount), 0n));
        if (evidence === null) continue;
        const verified = await verifyFiles({
          invoice: JSON.stringify(invoice),
          evidence: linesOf(evidence),
        });
        expect(verified).toMatchObject({ ok: true, value: { difference: null } });
      }
    }),
    RUNS,
  );
});

/** Of an amount with two decimals, as text. */
function cents(amount: string): bigint {
  expect(amount).toMatch(/^-?\d+\.\d\d$/);
  return BigInt(amount.replace('.', ''));
}

async function* linesOf(text: string) {
  for (const [index, line] of text.trimEnd().split('\n').entries()) yield { number: index + 1, text: line };
}
