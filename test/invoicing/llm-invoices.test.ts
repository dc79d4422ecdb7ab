import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { invoiceSchema } from '../../shared/contracts/http/invoices.ts';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import { decimal, sumExact } from '../../shared/kernel/decimal.ts';
import { moneyText } from '../../shared/kernel/money.ts';
import { CUSTOMERS, draftLlmInvoice, EXPECTED, invoiceFiles, traceEvents } from './llm-invoices.ts';

describe.each(CUSTOMERS)('the invoice of %s', (customer) => {
  const events = traceEvents(customer);
  const { invoice, quarantined } = draftLlmInvoice(customer, events);

  test('has the lines and the total that an independent program computed', () => {
    if (invoice === null) throw new Error('there is no invoice');
    expect(quarantined).toEqual([]);
    const { shown } = invoiceFiles(invoice, events);
    const lines = shown.lines.map(({ charge, quantity, amount }) => [charge, { quantity, amount }]);
    expect(Object.fromEntries(lines)).toEqual(EXPECTED[customer]?.lines);
    expect(lines.map(([charge]) => charge)).toEqual([
      'platform_fee',
      'input_tokens',
      'output_tokens',
      'requests',
    ]);
    expect(shown.total).toBe(EXPECTED[customer]?.total);
    expect(shown.subtotal).toBe(EXPECTED[customer]?.total);
    expect(shown.amountDue).toBe(EXPECTED[customer]?.total);
  });

  test('has tiers that add up to each line, and the shape of the wire', () => {
    if (invoice === null) throw new Error('there is no invoice');
    const { shown } = invoiceFiles(invoice, events);
    expect(invoiceSchema.parse(shown)).toEqual(shown);
    expect(JSON.parse(canonicalJson(shown))).toEqual(shown);
    for (const { tiers, amount } of shown.lines) {
      expect(sumExact(tiers.map((tier) => decimal(tier.amount))).toFixed(2)).toBe(amount);
      for (const tier of tiers) expect(tier.amount).toMatch(/^\d+\.\d\d$/);
    }
  });
});

test('a line shows each tier with its units, its rate and its share of the amount', () => {
  const events = traceEvents('acme');
  const { invoice } = draftLlmInvoice('acme', events);
  if (invoice === null) throw new Error('there is no invoice');
  const { shown } = invoiceFiles(invoice, events);
  expect(shown.lines[1]).toMatchObject({
    kind: 'usage',
    charge: 'input_tokens',
    description: 'input_tokens',
    period: { from: '2023-11-01T00:00:00.000Z', to: '2023-12-01T00:00:00.000Z' },
    unit: null,
    planVersion: 1,
    meterVersion: 1,
    evidence: { events: 3874 },
    tiers: [
      { upTo: '1000000', quantity: '1000000', unitAmount: '0.000003', flatAmount: null, amount: '3.00' },
      { upTo: '4000000', quantity: '3000000', unitAmount: '0.0000025', flatAmount: null, amount: '7.50' },
      { upTo: null, quantity: '344045', unitAmount: '0.000002', flatAmount: null, amount: '0.69' },
    ],
  });
  expect(shown.lines[0]).toMatchObject({
    kind: 'recurring',
    meterVersion: null,
    evidence: null,
    tiers: [{ upTo: null, quantity: '1', unitAmount: null, flatAmount: '20.00', amount: '20.00' }],
  });
});

test('the trace split anywhere into known and late: invoice and adjustments have the expected amounts', () => {
  const all = traceEvents('acme');
  const requests = all.get('requests')?.length ?? 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: requests }), fc.integer({ min: 1, max: 7 }), (from, step) => {
      const known = new Map(
        [...all].map(([meter, list]) => [meter, list.filter((_, at) => at < from || at % step === 0)]),
      );
      const first = draftLlmInvoice('acme', known).invoice;
      const later = draftLlmInvoice('acme', all, first).invoice;
      const lines = [...(first?.lines ?? []), ...(later?.lines ?? [])];
      for (const [charge, expected] of Object.entries(EXPECTED.acme?.lines ?? {})) {
        const ofCharge = lines.filter((line) => line.charge === charge);
        const amounts = ofCharge.map(({ amount }) => decimal(moneyText(amount)));
        expect(sumExact(amounts).toFixed(2)).toBe(expected.amount);
        expect(sumExact(ofCharge.map(({ quantity }) => decimal(quantity))).toFixed()).toBe(expected.quantity);
      }
    }),
    { numRuns: 15 },
  );
});

test('ids and digests can be made again from what is public, by anybody', () => {
  const events = traceEvents('acme');
  const { invoice } = draftLlmInvoice('acme', events);
  const identity = '["ten_1","sub_acme",1698796800000,1701388800000,"period_end",0]';
  const bits = BigInt(`0x${createHash('sha256').update(identity).digest('hex').slice(0, 32)}`);
  const digits = Array.from({ length: 26 }, (_, at) => Number((bits >> BigInt(5 * (25 - at))) & 31n));
  expect(invoice?.id).toBe(
    `inv_${digits.map((digit) => '0123456789abcdefghjkmnpqrstvwxyz'[digit]).join('')}`,
  );

  const records = (events.get('requests') ?? [])
    .toSorted((left, right) => (left.time + left.id < right.time + right.id ? -1 : 1))
    .map(
      ({ id, time }) =>
        `{"customer":"acme","dimensions":{},"id":"${id}","kind":"event","meter":"requests","quantity":"1","source":"default","time":"${time}","uniqueKey":""}\n`,
    );
  const sha256 = createHash('sha256').update(records.join('')).digest('hex');
  expect(invoice?.lines[3]?.evidence).toEqual({ sha256, events: 3874 });
});

test('an invoice is the same text in five years', () => {
  const events = traceEvents('acme');
  const { invoice } = draftLlmInvoice('acme', events);
  if (invoice === null) throw new Error('there is no invoice');
  const { shown, evidence } = invoiceFiles(invoice, events);
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  expect([hash(canonicalJson(shown)), hash(evidence)]).toEqual([
    '56496b234383dd9290c18a717a17c6a383a087483a1e51bfb967009569b2873b',
    '7a2e96cecc0738b13dcba14108ed885dc24a757c958228f60b55c66d93207818',
  ]);
});
