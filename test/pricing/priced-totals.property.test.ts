import fc from 'fast-check';
import { expect, test } from 'vitest';
import { upcomingInvoice } from '../../shared/app/invoicing/upcoming-invoice.ts';
import { moneyText } from '../../shared/kernel/money.ts';
import { TENANT } from '../invoicing/billing-world.ts';
import { type ExpectedTotal, expectedTotals } from './expected-totals.ts';
import { CUSTOMERS, type PricingWorld } from './pricing-world.ts';
import { anyHistory, play } from './random-histories.ts';

type Named = Pick<ExpectedTotal, 'subscription' | 'segmentStartMs' | 'planVersion' | 'charge'>;

const keyOf = ({ subscription, segmentStartMs, planVersion, charge }: Named) =>
  `${subscription}#${segmentStartMs}#${planVersion}#${charge}`;
const inOrder = <T extends Named>(totals: readonly T[]) =>
  totals.toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));

async function storedTotals(world: PricingWorld) {
  return (await world.rows()).map((row) => {
    const { tenant, currency, inForce, unit, meterVersion, fence: _fence, pricedAtMs: _at, ...total } = row;
    expect([tenant, currency, inForce]).toEqual([TENANT, 'USD', true]);
    expect(unit === null).toBe(meterVersion === null);
    return total;
  });
}

/** What the list of current charges says, beside the names. */
async function listedTotals(world: PricingWorld, fence: number) {
  const pages = await Promise.all(CUSTOMERS.map((customer) => world.charges(customer)));
  return pages.flatMap((page) => {
    expect(page).toMatchObject({ fence, completeThroughMs: world.clock.nowMs(), next: null });
    return page.charges.map(({ of, total }) => ({
      subscription: of.terms.subscription,
      segmentStartMs: of.segment.startMs,
      planVersion: of.segment.version,
      charge: of.charge.key,
      quantity: total?.quantity,
      amount: total?.unrounded,
      rounded: total === null ? null : moneyText(total.amount),
    }));
  });
}

/** Lines of the invoices to come that are of the current periods, as far as they are due in arrears. */
async function upcomingLines(world: PricingWorld) {
  const subscriptions = await world.subscriptions();
  const found = await Promise.all(
    subscriptions.map(async ({ key: subscription }) => {
      const upcoming = await upcomingInvoice(world)({ tenant: TENANT, subscription });
      if (!upcoming.ok) return [];
      const { closing, lines } = upcoming.value.invoice;
      // That of a subscription whose start lies ahead is of no current period.
      if (closing.period.startMs > world.clock.nowMs()) return [];
      const ofPeriod = lines.filter(
        ({ kind, segment }) => kind !== 'adjustment' && segment.startMs < closing.period.endMs,
      );
      return ofPeriod.map((line) => ({ subscription, ...line }));
    }),
  );
  return found.flat();
}

test('whatever happens in whatever order, amounts come to what the events ahead of the last fence are worth', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (history) => {
      const { world, fence } = await play(history);
      const expected = inOrder(await expectedTotals(world, fence));
      const amounts = expected.map(({ rounded: _rounded, ...total }) => total);
      expect(inOrder(await storedTotals(world))).toEqual(amounts);
      expect([world.told.unpriced, await world.waiting()]).toEqual([[], 0]);
    }),
    { numRuns: 80 },
  );
});

test('the charges that a customer is shown are the amounts that are stored, and the lines of the invoice to come', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (history) => {
      const { world, fence } = await play(history);
      const nowMs = world.clock.nowMs();
      const current = (await expectedTotals(world, fence)).filter(({ periodEndMs }) => periodEndMs > nowMs);
      const listed = await listedTotals(world, fence);
      const names = current.map(
        ({ subscription, segmentStartMs, planVersion, charge, quantity, amount, rounded }) => ({
          ...{ subscription, segmentStartMs, planVersion, charge },
          ...{ quantity, amount, rounded },
        }),
      );
      expect(inOrder(listed)).toEqual(inOrder(names));
      const byKey = new Map(listed.map((total) => [keyOf(total), total]));
      for (const { subscription, segment, charge, quantity, amount } of await upcomingLines(world)) {
        const { version: planVersion, startMs: segmentStartMs } = segment;
        const shown = byKey.get(keyOf({ subscription, segmentStartMs, planVersion, charge }));
        expect(shown).toMatchObject({ quantity, rounded: moneyText(amount) });
      }
    }),
    { numRuns: 40 },
  );
});
