import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verifyFiles } from '../../shared/app/invoicing/verify-files.ts';
import { type DraftInvoiceInput, draftInvoice } from '../../shared/domain/invoicing/draft-invoice.ts';
import { compareEvents } from '../../shared/domain/invoicing/evidence-records.ts';
import { evidenceWriter } from '../../shared/domain/invoicing/evidence-writer.ts';
import type { Invoice } from '../../shared/domain/invoicing/invoice.ts';
import { invoiceJson } from '../../shared/domain/invoicing/invoice-json.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import { money, moneyText } from '../../shared/kernel/money.ts';
import { FINALIZED } from './llm-invoices.ts';
import {
  anyBilling,
  type Billing,
  eventsIn,
  eventsOf,
  invoicedFor,
  type KnownEvent,
  laterInput,
  meterOf,
  novemberInput,
  segmentsOfNovember,
} from './random-billing.ts';

const RUNS = { numRuns: 150 };
const minors = (texts: readonly string[]) =>
  texts.reduce((sum, text) => sum + BigInt(text.replace('.', '')), 0n);
const knownBy = (events: readonly KnownEvent[], closing: number) =>
  events.filter(({ knownAt }) => knownAt <= closing);
const textOf = (invoice: Invoice) => canonicalJson(invoiceJson({ invoice, head: FINALIZED }));

function evidenceOf(billing: Billing, events: readonly KnownEvent[], invoice: Invoice): string {
  const shown = invoiceJson({ invoice, head: FINALIZED });
  const versions = billing.versions.map((charges, index) => ({ version: index + 1, charges }));
  const writer = evidenceWriter({ invoice, shown, versions });
  const text = [writer.start()];
  for (const line of invoice.lines) {
    const charges = billing.versions[line.segment.version - 1] ?? [];
    const charge = defined(
      charges.find(({ key }) => key === line.charge),
      'a charge',
    );
    const counted = meterOf(charge) === null ? [] : eventsIn(events, charge, line.segment);
    text.push(writer.line(line, meterOf(charge)), ...counted.toSorted(compareEvents).map(writer.event));
  }
  return [...text, writer.end().text].join('');
}

async function* linesOf(text: string) {
  for (const [index, line] of text.trimEnd().split('\n').entries()) yield { number: index + 1, text: line };
}

test('lines add up to the subtotal, tiers to their line, and the total has discounts, taxes and credits', () => {
  const change = fc.bigInt({ min: 0n, max: 10_000n });
  fc.assert(
    fc.property(anyBilling, change, change, change, (billing, discount, tax, credit) => {
      const changes = {
        discountTotal: money(discount, 'USD'),
        taxTotal: money(tax, 'USD'),
        creditTotal: money(credit, 'USD'),
      };
      const { invoice, quarantined } = draftInvoice({
        ...novemberInput(billing, eventsOf(billing)),
        changes,
      });
      expect(quarantined).toEqual([]);
      if (invoice === null) return;
      const { lines, subtotal, total } = invoiceJson({ invoice, head: FINALIZED });
      expect(minors([subtotal])).toBe(minors(lines.map(({ amount }) => amount)));
      expect(minors([total])).toBe(minors([subtotal]) - discount + tax - credit);
      for (const line of lines) {
        expect(minors(line.tiers.map(({ amount }) => amount))).toBe(minors([line.amount]));
      }
    }),
    RUNS,
  );
});

test('every charge in force makes one line, also at zero: in arrears of what ended, in advance of what begins', () => {
  fc.assert(
    fc.property(anyBilling, (billing) => {
      const { invoice } = draftInvoice(novemberInput(billing, []));
      const [first, second] = billing.versions;
      const expected = [
        ...first.filter(({ timing }) => timing !== 'advance').map(({ key }) => `1 ${key}`),
        ...second.filter(({ timing }) => timing !== 'advance').map(({ key }) => `2 ${key}`),
        ...second.filter(({ timing }) => timing === 'advance').map(({ key }) => `2 ${key}`),
      ];
      const found = (invoice?.lines ?? []).map(({ segment, charge }) => `${segment.version} ${charge}`);
      expect(found).toEqual(expected);
      expect(new Set(invoice?.lines.map(({ id }) => id)).size).toBe(expected.length);
    }),
    RUNS,
  );
});

test('the same events and versions in any order are the same invoice and evidence, byte for byte', () => {
  const shuffled = (input: DraftInvoiceInput): DraftInvoiceInput => ({
    ...input,
    ended: input.ended.toReversed(),
    usage: input.usage.toReversed(),
    earlier: input.earlier.toReversed(),
  });
  fc.assert(
    fc.property(anyBilling, fc.infiniteStream(fc.nat()), (billing, order) => {
      const events = eventsOf(billing);
      const ranks = new Map(events.map((event) => [event, order.next().value ?? 0]));
      const others = events.toSorted((left, right) => (ranks.get(left) ?? 0) - (ranks.get(right) ?? 0));
      const pairs = [
        [novemberInput(billing, events), novemberInput(billing, others)],
        [laterInput(billing, events, []), laterInput(billing, others, [])],
      ] as const;
      for (const [one, other] of pairs) {
        const [left, right] = [draftInvoice(one).invoice, draftInvoice(shuffled(other)).invoice];
        if (left === null || right === null) expect(left).toBe(right);
        else {
          expect(textOf(right)).toBe(textOf(left));
          expect(evidenceOf(billing, others, right)).toBe(evidenceOf(billing, events, left));
        }
      }
    }),
    RUNS,
  );
});

test('however events fall before and after finalization, all invoices together have the price of the total', () => {
  fc.assert(
    fc.property(anyBilling, (billing) => {
      const events = eventsOf(billing);
      const first = draftInvoice(novemberInput(billing, knownBy(events, 0))).invoice;
      const second = draftInvoice(laterInput(billing, knownBy(events, 1), [first])).invoice;
      const third = draftInvoice(laterInput(billing, events, [first, second])).invoice;
      const nothingLeft = draftInvoice(laterInput(billing, events, [first, second, third])).invoice;
      expect(nothingLeft).toBeNull();

      const atOnce = draftInvoice(laterInput(billing, events, [])).invoice;
      for (const { segment, charges } of segmentsOfNovember(billing)) {
        for (const { key } of charges) {
          const together = invoicedFor([first, second, third], key, segment);
          const expected = invoicedFor([atOnce], key, segment);
          expect(moneyText(together.amount)).toBe(moneyText(expected.amount));
          expect(together.quantity).toBe(expected.quantity);
        }
      }
      for (const line of [...(second?.lines ?? []), ...(third?.lines ?? [])]) {
        expect(line.kind).toBe('adjustment');
        expect(line.segment.full.startMs).toBe(Date.UTC(2023, 10, 1));
      }
    }),
    RUNS,
  );
});

test('an invoice and its adjustments are verified by the evidence that was written for them', async () => {
  await fc.assert(
    fc.asyncProperty(anyBilling, async (billing) => {
      const events = eventsOf(billing);
      const known = knownBy(events, 0);
      const first = draftInvoice(novemberInput(billing, known)).invoice;
      const second = draftInvoice(laterInput(billing, events, [first])).invoice;
      for (const [invoice, counted] of [
        [first, known],
        [second, events],
      ] as const) {
        if (invoice === null) continue;
        const evidence = linesOf(evidenceOf(billing, counted, invoice));
        const verified = await verifyFiles({ invoice: textOf(invoice), evidence });
        expect(verified).toMatchObject({ ok: true, value: { difference: null } });
      }
    }),
    { numRuns: 80 },
  );
});
