import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Decimal, decimal, decimalText, sumExact } from '../../kernel/decimal.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { moneyFromDecimal, moneyText } from '../../kernel/money.ts';
import type { PricedCharge } from './charge.ts';
import { checkCharge } from './check-charge.ts';
import type { Price, Tier } from './price.ts';
import { increment, rateCharge } from './rate-charge.ts';

const scaled = (max: number, places: number) =>
  fc.integer({ min: 0, max }).map((units) => decimalText(decimal(`${units}e-${places}`)));
const amount = fc.oneof(scaled(2_000, 0), scaled(2_000_000, 4), scaled(1_000_000, 12));
const units = fc.oneof(scaled(300, 0), scaled(300_000, 3), scaled(1_000_000_000, 12));
const positive = units.filter((text) => text !== '0');
const quantity = units.map((text) => decimal(text));

const tiers = fc
  .record({
    steps: fc.uniqueArray(positive, { maxLength: 6 }),
    amounts: fc.array(fc.record({ unitAmount: amount, flatAmount: amount }), { minLength: 7, maxLength: 7 }),
    shapes: fc.array(fc.constantFrom('unit', 'flat', 'both'), { minLength: 7, maxLength: 7 }),
  })
  .map(({ steps, amounts, shapes }): readonly Tier[] => {
    const bounds = steps.map((text) => decimal(text)).sort((left, right) => left.comparedTo(right));
    return [...bounds.map(decimalText), null].map((upTo, index) => {
      const { unitAmount = '1', flatAmount = '1' } = amounts[index] ?? {};
      const shape = shapes[index];
      return {
        upTo,
        ...(shape === 'flat' ? {} : { unitAmount }),
        ...(shape === 'unit' ? {} : { flatAmount }),
      };
    });
  });

const rising: fc.Arbitrary<Price> = fc.oneof(
  fc.record({ model: fc.constant('flat' as const), amount }),
  fc.record({ model: fc.constant('per_unit' as const), unitAmount: amount }),
  fc.record({ model: fc.constant('graduated' as const), tiers }),
  fc.record({
    model: fc.constant('package' as const),
    packageSize: positive,
    packageAmount: amount,
    freeUnits: units,
    rounding: fc.constantFrom('up' as const, 'down' as const),
  }),
);
const anyPrice = fc.oneof(rising, fc.record({ model: fc.constant('volume' as const), tiers }));

const modifiers = fc.record(
  {
    convert: fc.record(
      {
        divideBy: positive,
        multiplyBy: positive,
        round: fc.constantFrom('up' as const, 'down' as const, 'half_up' as const, 'none' as const),
        scale: fc.integer({ min: 0, max: 12 }),
      },
      { requiredKeys: [] },
    ),
    includedUnits: units,
    discounts: fc.array(
      fc.oneof(
        fc.record({ type: fc.constant('percent' as const), percent: scaled(10_000, 2) }),
        fc.record({ type: fc.constant('amount' as const), amount }),
        fc.record({ type: fc.constant('units' as const), units }),
      ),
      { maxLength: 4 },
    ),
    maximum: scaled(5_000, 0).map((text) => decimalText(decimal(text).plus(100))),
    minimum: scaled(100, 0),
  },
  { requiredKeys: [] },
);
const chargeOf = (price: fc.Arbitrary<Price>, changes: fc.Arbitrary<Partial<PricedCharge>>) =>
  fc
    .tuple(price, changes)
    .map(([found, fields]): PricedCharge => ({ key: 'charge', meter: 'meter', price: found, ...fields }));
const anyCharge = chargeOf(anyPrice, modifiers);
const bare = chargeOf(anyPrice, fc.constant({}));
const ratio = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 11n }), fc.bigInt({ min: 1n, max: 10n ** 11n }))
  .map(([left, right]) =>
    left < right ? { numerator: left, denominator: right } : { numerator: right, denominator: left },
  );

const rate = (charge: PricedCharge, total: Decimal, part?: { numerator: bigint; denominator: bigint }) =>
  rateCharge({
    charge,
    currency: 'USD',
    quantity: total,
    ...(part === undefined ? {} : { ratio: part }),
  });
const priced = (price: Price, total: Decimal) =>
  decimalText(rate({ key: 'charge', meter: 'meter', price }, total).unrounded);
const total = (details: readonly { readonly amount: Decimal }[]) =>
  sumExact(details.map((detail) => detail.amount));
/** A digit cut from each of a few lines. */
const CUT = decimal(`50e-${LIMITS.ratedScale}`);

test('the charges of these tests are valid ones', () => {
  fc.assert(
    fc.property(anyCharge, (charge) => {
      expect(checkCharge({ ...charge, prices: {} }, '', 'USD')).toEqual([]);
    }),
  );
});

test('however a quantity is split, its increments after F(0) add up to the amount of the total', () => {
  fc.assert(
    fc.property(anyCharge, ratio, fc.array(quantity, { maxLength: 8 }), (charge, part, parts) => {
      let counted = decimal(0);
      const first = rate(charge, counted, part);
      const increments = [];
      let before = first;
      for (const one of parts) {
        counted = counted.plus(one);
        const after = rate(charge, counted, part);
        increments.push(increment(before, after));
        before = after;
      }
      const sum = sumExact([first.unrounded, ...increments]);
      expect(decimalText(sum)).toBe(decimalText(rate(charge, counted, part).unrounded));
    }),
  );
});

test('an amount is never negative, whatever is taken off, nor is a quantity, whatever was counted', () => {
  fc.assert(
    fc.property(anyCharge, ratio, quantity, fc.boolean(), (charge, part, counted, isNegative) => {
      const rated = rate(charge, isNegative ? counted.negated() : counted, part);
      expect(rated.unrounded.greaterThanOrEqualTo(0)).toBe(true);
      expect(rated.amount.minor >= 0n).toBe(true);
      expect(rated.quantity.greaterThanOrEqualTo(0)).toBe(true);
      expect(rated.negative).toBe(isNegative && !counted.isZero());
    }),
  );
});

test('the lines of the price add up to its amount, and all lines to what is due', () => {
  fc.assert(
    fc.property(bare, quantity, (charge, counted) => {
      const rated = rate(charge, counted);
      expect(decimalText(total(rated.details))).toBe(decimalText(rated.unrounded));
    }),
  );
  fc.assert(
    fc.property(anyCharge, ratio, quantity, (charge, part, counted) => {
      const rated = rate(charge, counted, part);
      expect(total(rated.details).minus(rated.unrounded).abs().lessThan(CUT)).toBe(true);
    }),
  );
});

test('where digits end, the posted amount is the unrounded one rounded half away from zero', () => {
  fc.assert(
    fc.property(bare, quantity, (charge, counted) => {
      const rated = rate(charge, counted);
      expect(moneyText(rated.amount)).toBe(moneyText(moneyFromDecimal(rated.unrounded, 'USD')));
    }),
  );
});

test('more usage never costs less, unless the price is by volume', () => {
  fc.assert(
    fc.property(chargeOf(rising, modifiers), ratio, quantity, quantity, (charge, part, less, more) => {
      const [low, high] = [rate(charge, less, part), rate(charge, less.plus(more), part)];
      expect(high.unrounded.greaterThanOrEqualTo(low.unrounded)).toBe(true);
    }),
  );
});

test('graduated in one open tier, or with one unit price in all tiers, is per unit', () => {
  fc.assert(
    fc.property(amount, tiers, quantity, (unitAmount, bounds, counted) => {
      const perUnit = priced({ model: 'per_unit', unitAmount }, counted);
      const single = [{ upTo: null, unitAmount }];
      const several = bounds.map(({ upTo }) => ({ upTo, unitAmount }));
      expect(priced({ model: 'graduated', tiers: single }, counted)).toBe(perUnit);
      expect(priced({ model: 'graduated', tiers: several }, counted)).toBe(perUnit);
      expect(priced({ model: 'volume', tiers: several }, counted)).toBe(perUnit);
    }),
  );
});

test('ten times the price is ten times the amount; ten times smaller units cost the same', () => {
  const times = (text: string, factor: string) => decimalText(decimal(text).times(decimal(factor)));
  const scaleTiers = (list: readonly Tier[], by: { bound: string; unit: string; flat: string }) =>
    list.map(({ upTo, unitAmount, flatAmount }) => ({
      upTo: upTo === null ? null : times(upTo, by.bound),
      ...(unitAmount === undefined ? {} : { unitAmount: times(unitAmount, by.unit) }),
      ...(flatAmount === undefined ? {} : { flatAmount: times(flatAmount, by.flat) }),
    }));
  fc.assert(
    fc.property(tiers, quantity, (list, counted) => {
      for (const model of ['graduated', 'volume'] as const) {
        const before = priced({ model, tiers: list }, counted);
        const dearer = scaleTiers(list, { bound: '1', unit: '10', flat: '10' });
        const smaller = scaleTiers(list, { bound: '10', unit: '0.1', flat: '1' });
        expect(priced({ model, tiers: dearer }, counted)).toBe(times(before, '10'));
        expect(priced({ model, tiers: smaller }, counted.times(10))).toBe(before);
      }
    }),
  );
});

test('the parts of a period cost together what the whole does, for all that is fixed', () => {
  const days = fc.array(fc.bigInt({ min: 1n, max: 10n ** 10n }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(anyPrice, days, amount, (price, parts, seats) => {
      const charge = { key: 'charge', price };
      const denominator = parts.reduce((sum, part) => sum + part, 0n);
      const rated = parts.map((numerator) =>
        rateCharge({ charge, currency: 'USD', ratio: { numerator, denominator }, seats: decimal(seats) }),
      );
      const whole = rateCharge({ charge, currency: 'USD', seats: decimal(seats) });
      const sum = sumExact(rated.map(({ unrounded }) => unrounded));
      expect(sum.minus(whole.unrounded).abs().lessThan(CUT)).toBe(true);
    }),
  );
});
