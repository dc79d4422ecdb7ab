import { describe, expect, test } from 'vitest';
import { money, moneyText } from '../../kernel/money.ts';
import type { Charge } from '../rating/charge.ts';
import { type DraftInvoiceInput, draftInvoice } from './draft-invoice.ts';
import type { BillingTerms, Closing, Usage } from './invoice.ts';
import { invoiceId } from './invoice-ids.ts';

const JUNE = { startMs: Date.UTC(2026, 5, 1), endMs: Date.UTC(2026, 6, 1) };
const JULY = { startMs: JUNE.endMs, endMs: Date.UTC(2026, 7, 1) };
const HALF_MS = Date.UTC(2026, 5, 16);
const TERMS: BillingTerms = {
  tenant: 'ten_1',
  subscription: 'sub_1',
  customer: 'acme',
  currency: 'USD',
  planCurrency: 'USD',
  timeZone: 'UTC',
  quantity: '3',
};
const CLOSING: Closing = { kind: 'period_end', period: JUNE, revision: 0 };
const SEAT: Charge = { key: 'seat', name: 'Seats', price: { model: 'per_unit', unitAmount: '10' } };
const CALLS: Charge = { key: 'calls', meter: 'calls', price: { model: 'per_unit', unitAmount: '0.01' } };
const LATE_SEAT: Charge = { ...SEAT, key: 'late', timing: 'arrears' };

const usage = (quantity: string): Usage => ({
  quantity,
  unit: 'calls',
  meterVersion: 4,
  evidence: { sha256: 'f'.repeat(64), events: 1 },
});
const segment = (version: number, startMs: number, endMs: number, full = JUNE) => ({
  version,
  startMs,
  endMs,
  full,
});
const WHOLE_JUNE = segment(1, JUNE.startMs, JUNE.endMs);
const ofCalls = (quantity: string, startMs = JUNE.startMs) => ({
  charge: 'calls',
  startMs,
  usage: usage(quantity),
});

function draft(fields: Partial<DraftInvoiceInput>) {
  const input = {
    terms: TERMS,
    closing: CLOSING,
    ended: [],
    beginning: [],
    usage: [],
    earlier: [],
    ...fields,
  };
  const { invoice, quarantined } = draftInvoice(input);
  const lines = (invoice?.lines ?? []).map(
    ({ kind, charge, quantity, amount, segment: { version } }) =>
      `${kind} ${charge} v${version} ${quantity} ${moneyText(amount)}`,
  );
  return { lines, quarantined, invoice };
}

describe('what is billed', () => {
  test('arrears of the ended period and advance of the next one, each by its own version', () => {
    const ended = [{ segment: WHOLE_JUNE, charges: [CALLS, SEAT, LATE_SEAT] }];
    const july = segment(2, JULY.startMs, JULY.endMs, JULY);
    const beginning = [{ segment: july, charges: [{ ...SEAT, quantity: '2' }, CALLS, LATE_SEAT] }];
    const { lines, invoice } = draft({ ended, beginning, usage: [ofCalls('250')] });
    expect(lines).toEqual([
      'usage calls v1 250 2.50',
      'recurring late v1 3 30.00',
      'recurring seat v2 6 60.00',
    ]);
    expect(
      invoice?.lines.map(({ description, unit, meterVersion }) => [description, unit, meterVersion]),
    ).toEqual([
      ['calls', 'calls', 4],
      ['Seats', null, null],
      ['Seats', null, null],
    ]);
  });

  test('a period under two versions has a line for each, prorated by the days of its time zone', () => {
    const prorated: Charge = { ...LATE_SEAT, proration: 'day' };
    const ended = [
      { segment: segment(2, HALF_MS, JUNE.endMs), charges: [CALLS, prorated] },
      { segment: segment(1, JUNE.startMs, HALF_MS), charges: [prorated, CALLS] },
    ];
    const { lines } = draft({ ended, usage: [ofCalls('7', HALF_MS), ofCalls('100')] });
    expect(lines).toEqual([
      'recurring late v1 3 15.00',
      'usage calls v1 100 1.00',
      'usage calls v2 7 0.07',
      'recurring late v2 3 15.00',
    ]);
  });

  test('nothing in force is no invoice', () => {
    expect(draft({}).invoice).toBeNull();
    expect(draft({ ended: [{ segment: WHOLE_JUNE, charges: [SEAT] }] }).invoice).toBeNull();
  });

  test('a fee paid in advance for a period that ended early is credited', () => {
    const earlier = [
      {
        charge: SEAT,
        segment: segment(1, JUNE.startMs, HALF_MS),
        usage: null,
        invoiced: { quantity: '3', amount: money(3_000n, 'USD') },
      },
    ];
    const { lines, invoice } = draft({ earlier });
    expect(lines).toEqual(['adjustment seat v1 0 -15.00']);
    expect(invoice === null ? null : moneyText(invoice.totals.total)).toBe('-15.00');
  });

  test('late usage is shown where it changes the quantity alone; what is as invoiced is not', () => {
    const charge: Charge = { ...CALLS, includedUnits: '1000' };
    const earlier = ['10', '12'].map((quantity) => ({
      charge: { ...charge, key: `calls-${quantity}` },
      segment: WHOLE_JUNE,
      usage: usage('12'),
      invoiced: { quantity, amount: money(0n, 'USD') },
    }));
    expect(draft({ earlier }).lines).toEqual(['adjustment calls-10 v1 2 0.00']);
  });
});

describe('a line that cannot be made is quarantined with its reason, and the others are billed', () => {
  const period = { startMs: JUNE.startMs, endMs: JUNE.endMs };
  test.each<[string, Partial<DraftInvoiceInput>, string]>([
    ['usage that is not known', { usage: [] }, 'its usage is not known'],
    ['usage of another segment', { usage: [ofCalls('1', HALF_MS)] }, 'its usage is not known'],
    [
      'an amount that is too large',
      { usage: [ofCalls('9'.repeat(40))] },
      'an amount of money has too many digits',
    ],
  ])('%s', (_, fields, reason) => {
    const ended = [{ segment: WHOLE_JUNE, charges: [CALLS, LATE_SEAT] }];
    const { lines, quarantined } = draft({ ended, ...fields });
    expect(lines).toEqual(['recurring late v1 3 30.00']);
    const code = 'invoice.line_not_rated';
    expect(quarantined).toEqual([{ charge: 'calls', kind: 'usage', planVersion: 1, period, code, reason }]);
  });

  test('usage of which some was counted more than once, in its segment alone', () => {
    const ended = [{ segment: WHOLE_JUNE, charges: [CALLS, LATE_SEAT] }];
    const duplicated = [
      { charge: 'calls', startMs: JUNE.startMs, reason: 'counted twice' },
      { charge: 'late', startMs: HALF_MS, reason: 'of another segment' },
    ];
    const { lines, quarantined } = draft({ ended, usage: [ofCalls('1')], duplicated });
    expect(lines).toEqual(['recurring late v1 3 30.00']);
    const line = { charge: 'calls', kind: 'usage', planVersion: 1, period };
    expect(quarantined).toEqual([{ ...line, code: 'invoice.line_duplicated', reason: 'counted twice' }]);
  });

  test('a currency without a price', () => {
    const charges: readonly Charge[] = [SEAT, { ...SEAT, key: 'eur', prices: { EUR: SEAT.price } }].map(
      (charge) => ({
        ...charge,
        timing: 'arrears',
      }),
    );
    const terms: BillingTerms = { ...TERMS, currency: 'EUR' };
    const { lines, quarantined } = draft({ terms, ended: [{ segment: WHOLE_JUNE, charges }] });
    expect(lines).toEqual(['recurring eur v1 3 30.00']);
    expect(quarantined.map(({ charge, reason }) => [charge, reason])).toEqual([
      ['seat', 'it has no price in EUR'],
    ]);
  });
});

test('the id of an invoice depends on tenant, subscription, period, kind and revision, and on nothing else', () => {
  const id = invoiceId(TERMS, CLOSING);
  expect(invoiceId({ tenant: 'ten_1', subscription: 'sub_1' }, { ...CLOSING })).toBe(id);
  const others = [
    invoiceId({ ...TERMS, tenant: 'ten_2' }, CLOSING),
    invoiceId({ ...TERMS, subscription: 'sub_2' }, CLOSING),
    invoiceId(TERMS, { ...CLOSING, period: JULY }),
    invoiceId(TERMS, { ...CLOSING, kind: 'period_start' }),
    invoiceId(TERMS, { ...CLOSING, revision: 1 }),
  ];
  expect(new Set([id, ...others]).size).toBe(6);
});
