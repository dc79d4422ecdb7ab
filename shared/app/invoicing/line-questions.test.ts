import { expect, test } from 'vitest';
import type { Charge } from '../../domain/rating/charge.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { lineQuestions, needKey } from './line-questions.ts';
import type { UsageNeed } from './plan-closing.ts';

const PRICE = { model: 'per_unit', unitAmount: '1' } as const;
const chargeOf = (key: string, fields: Partial<Charge> = {}): Charge => {
  return { key, meter: 'calls', price: PRICE, ...fields };
};
const full = { startMs: 0, endMs: 100 };
const segmentOf = (startMs: number, endMs = startMs + 10, version = 1) => ({ version, startMs, endMs, full });

/** The keys of everything that the questions ask. */
const askedKeys = (needs: readonly UsageNeed[]) =>
  lineQuestions(needs).flatMap(({ lines, spans, keyAt }) =>
    lines.flatMap((_line, line) => spans.map((_span, span) => keyAt(line, span))),
  );

test('customers and periods that need the same lines are one question, whatever version prices them', () => {
  const all = chargeOf('all');
  const eu = chargeOf('eu', { filters: { region: ['eu'] } });
  const sameOfVersion2 = chargeOf('other', { filters: { region: ['eu'] }, name: 'priced otherwise' });
  const needs = ['acme', 'globex'].flatMap((customer) => [
    { customer, charge: all, segment: segmentOf(0) },
    { customer, charge: eu, segment: segmentOf(0) },
    { customer, charge: sameOfVersion2, segment: segmentOf(10, 20, 2) },
    { customer, charge: all, segment: segmentOf(10, 20, 2) },
  ]);
  const [question, ...others] = lineQuestions(needs);
  expect(others).toEqual([]);
  expect(question?.lines).toEqual([
    { meter: 'calls', filters: {} },
    { meter: 'calls', filters: { region: ['eu'] } },
  ]);
  expect(question?.spans).toEqual(
    ['acme', 'globex'].flatMap((customer) => [
      { customer, fromMs: 0, toMs: 10 },
      { customer, fromMs: 10, toMs: 20 },
    ]),
  );
});

test('every need is asked for once, and nothing else is', () => {
  const charges = ['a', 'b', 'c'].map((meter) => chargeOf(meter, { meter }));
  const needs = ['acme', 'globex', 'initech'].flatMap((customer, index) =>
    charges
      .slice(index)
      .flatMap((charge) =>
        [0, 10].map((startMs) => ({ customer, charge, segment: segmentOf(startMs + index) })),
      ),
  );
  const twice = [...needs, ...needs.slice(0, 3)];
  expect(askedKeys(twice).toSorted()).toEqual(needs.map(needKey).toSorted());
});

test('a question is of as many lines and spans as are allowed', () => {
  const charges = Array.from({ length: LIMITS.snapshotLines + 1 }, (_, index) =>
    chargeOf(`charge_${index}`, { meter: `meter_${index}` }),
  );
  const customers = Array.from({ length: LIMITS.snapshotCustomers + 1 }, (_, index) => `customer_${index}`);
  const needs = customers.flatMap((customer) =>
    charges.map((charge) => ({ customer, charge, segment: segmentOf(0) })),
  );
  const sizes = lineQuestions(needs).map(({ lines, spans }) => [lines.length, spans.length]);
  const { snapshotLines, snapshotCustomers } = LIMITS;
  expect(sizes).toEqual([
    [snapshotLines, snapshotCustomers],
    [1, snapshotCustomers],
    [snapshotLines, 1],
    [1, 1],
  ]);
  expect(new Set(askedKeys(needs)).size).toBe(needs.length);
});
