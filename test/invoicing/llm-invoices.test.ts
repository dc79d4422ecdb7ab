import { describe, expect, test } from 'vitest';
import { invoiceSchema } from '../../shared/contracts/http/invoices.ts';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import { decimal, sumExact } from '../../shared/kernel/decimal.ts';
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
