import { describe, expect, test } from 'vitest';
import { createInstalledFonts } from '../../shared/adapters/pdf/font-files.ts';
import type { InvoiceDocument } from '../../shared/adapters/pdf/invoice-document.ts';
import { renderInvoicePdf } from '../../shared/adapters/pdf/render-invoice-pdf.ts';
import { readPdf } from './read-pdf.ts';
import {
  CUSTOMER,
  numberedDescription,
  numberedLines,
  SELLER,
  sampleInvoice,
  usageLine,
} from './sample-invoice.ts';

const readFont = createInstalledFonts();

type Input = Parameters<typeof renderInvoicePdf>[0];

const render = (invoice: Partial<InvoiceDocument> = {}, input: Partial<Input> = {}) =>
  renderInvoicePdf({
    invoice: sampleInvoice(invoice),
    seller: SELLER,
    customer: CUSTOMER,
    paper: 'a4',
    readFont,
    ...input,
  });
const pagesOf = async (...args: Parameters<typeof render>) => await readPdf(await render(...args));
const textOf = async (...args: Parameters<typeof render>) =>
  (await pagesOf(...args)).map(({ text }) => text).join(' ');

describe('what an invoice says', () => {
  test('who bills whom, its number, its dates, its period, and what is due', async () => {
    const text = await textOf();
    for (const part of [
      'Invoice',
      'INV-000001',
      'Issue date 2023-12-01',
      'Due date 2023-12-31',
      'Billing period 2023-11-01 to 2023-12-01',
      'USD 45.01 due 2023-12-31',
      'Subtotal USD 45.01',
      'Total USD 45.01',
      'Amount due USD 45.01',
      'Page 1 of 1',
      SELLER.name,
      'Tax ID US 84-2210771',
      CUSTOMER.name,
      'Tax ID IE 6388047V',
      'billing@acme.example',
      ...SELLER.addressLines,
      ...CUSTOMER.addressLines,
    ]) {
      expect(text).toContain(part);
    }
  });

  test('every line with its quantity and amount, and every tier', async () => {
    const text = await textOf();
    for (const row of [
      'Platform fee 1 USD 20.00 2023-12-01 to 2024-01-01',
      'Input tokens 4,344,045 tokens USD 11.19',
      'Up to 1,000,000 at USD 0.000003 1,000,000 USD 3.00',
      '1,000,000 to 4,000,000 at USD 0.0000025 3,000,000 USD 7.50',
      'Over 4,000,000 at USD 0.000002 344,045 USD 0.69',
      'Output tokens 821,386 tokens USD 12.32',
      'Requests 3,874 requests USD 1.50',
    ]) {
      expect(text).toContain(row);
    }
  });

  test('discounts, tax, credits and payments where there are any, with the signs they have in the sum', async () => {
    const text = await textOf({
      subtotal: '1234567.00',
      discountTotal: '100.00',
      taxTotal: '23.50',
      creditTotal: '50.50',
      total: '1234440.00',
      amountPaid: '1000.00',
      amountDue: '1233440.00',
    });
    expect(text).toContain(
      'Subtotal USD 1,234,567.00 Discounts USD -100.00 Tax USD 23.50 Credits USD -50.50 ' +
        'Total USD 1,234,440.00 Amount paid USD -1,000.00 Amount due USD 1,233,440.00',
    );
    expect(await textOf()).not.toMatch(/Discounts|Tax USD|Credits|Amount paid/);
  });

  test('of which period an adjustment is, and other periods of lines by their own time of day', async () => {
    const october = { from: '2023-10-01T00:00:00.000Z', to: '2023-11-01T00:00:00.000Z' };
    const hour = { from: '2023-11-03T10:00:00.000Z', to: '2023-11-03T11:00:00.500Z' };
    const text = await textOf({
      lines: [
        usageLine({ kind: 'adjustment', description: 'Late tokens', period: october, amount: '-3.20' }),
        usageLine({ description: 'One hour', period: hour }),
      ],
    });
    expect(text).toContain('Late tokens 821,386 tokens USD -3.20 Adjustment of 2023-10-01 to 2023-11-01');
    expect(text).toContain('2023-11-03 10:00 to 2023-11-03 11:00:00.5 UTC');
  });

  test('days of the zone that bills, not of UTC', async () => {
    const period = { from: '2023-10-31T23:00:00.000Z', to: '2023-11-30T23:00:00.000Z' };
    const text = await textOf(
      { period, dueAt: '2023-12-14T23:00:00.000Z', lines: [usageLine({ period })] },
      {
        timeZone: 'Europe/Berlin',
      },
    );
    expect(text).toContain('Billing period 2023-11-01 to 2023-12-01');
    expect(text).toContain('Due date 2023-12-15');
  });

  test('that it is a draft, paid or void', async () => {
    const draft = await textOf({ status: 'draft', number: null, finalizedAt: null, dueAt: null });
    expect(draft).toContain('Draft');
    expect(draft).toContain('This is a draft.');
    expect(draft).not.toContain('Due date');
    expect(draft).not.toContain('INV-');
    expect(await textOf({ status: 'paid', amountDue: '0.00' })).toContain('INV-000001 (paid)');
    const voided = await textOf({ status: 'void' });
    expect(voided).toContain('INV-000001 (void)');
    expect(voided).toContain('Nothing is to be paid.');
    expect(voided).not.toContain('USD 45.01 due');
  });

  test('nothing for what is not known', async () => {
    const bare = { name: 'Bare', addressLines: [] };
    const lines = [usageLine({ description: 'Fee', quantity: null, unit: null, amount: '45.01' })];
    const text = await textOf({ lines, issuedAt: null, dueAt: null }, { seller: bare, customer: bare });
    expect(text).toContain('Fee USD 45.01');
    expect(text).not.toMatch(/Tax ID|Issue date|Due date|null|undefined/);
  });

  test.each([
    ['JPY', '1234567', 'JPY 1,234,567'],
    ['EUR', '1234567.80', 'EUR 1,234,567.80'],
    ['KWD', '-0.005', 'KWD -0.005'],
    ['USD', '9007199254740993.01', 'USD 9,007,199,254,740,993.01'],
    ['USD', '999999999999999999999999999.99', 'USD 999,999,999,999,999,999,999,999,999.99'],
  ])('%s %s as %s, digit by digit', async (currency, amount, figure) => {
    const lines = [usageLine({ amount })];
    const text = await textOf({ currency, lines, subtotal: amount, total: amount, amountDue: amount });
    expect(text.replaceAll(' ', '')).toContain(`Total${figure.replaceAll(' ', '')}`);
    expect(text.replaceAll(' ', '')).toContain(`tokens${figure.replaceAll(' ', '')}`);
  });

  test('an invoice of a flat and a free tier', async () => {
    const tiers = [
      { upTo: '10', quantity: '10', unitAmount: '0', flatAmount: '5', amount: '5.00' },
      { upTo: '20', quantity: '10', unitAmount: '0.1', flatAmount: '2', amount: '3.00' },
      { upTo: null, quantity: '4', unitAmount: '0', flatAmount: '0', amount: '0.00' },
    ];
    const text = await textOf({ lines: [usageLine({ tiers })] });
    expect(text).toContain('Up to 10 USD 5 flat 10 USD 5.00');
    expect(text).toContain('10 to 20 at USD 0.1 + USD 2 flat 10 USD 3.00');
    expect(text).toContain('Over 20 at USD 0 4 USD 0.00');
  });
});

describe('pages', () => {
  test.each([
    ['a4', 595.28, 841.89],
    ['letter', 612, 792],
  ] as const)(
    '%s has its size, and twenty lines with all totals fit on one',
    async (paper, width, height) => {
      const totals = { discountTotal: '1.00', taxTotal: '1.00', creditTotal: '1.00', amountPaid: '1.00' };
      const pages = await pagesOf({ lines: numberedLines(20), ...totals }, { paper });
      expect(pages).toHaveLength(1);
      expect(pages[0]?.size[0]).toBeCloseTo(width, 2);
      expect(pages[0]?.size[1]).toBeCloseTo(height, 2);
      expect(pages[0]?.text).toContain('Page 1 of 1');
    },
  );

  test('two hundred lines are each there once, with their amount, under a header, on numbered pages', async () => {
    const pages = await pagesOf({ lines: numberedLines(200) });
    expect(pages.length).toBeGreaterThan(2);
    pages.forEach(({ text }, index) => {
      expect(text).toContain(`Page ${index + 1} of ${pages.length}`);
      expect(text.match(/Description Quantity Amount/g)).toHaveLength(1);
    });
    const whole = pages.map(({ text }) => text).join('\n');
    for (let number = 1; number <= 200; number++) {
      expect(whole.split(`${numberedDescription(number)} 3 tokens USD ${number}.00`)).toHaveLength(2);
    }
    expect(pages.at(-1)?.text).toMatch(/Project 200 .*Subtotal .*Total .*Amount due/);
  });

  test('a line keeps its tiers on its page', async () => {
    const tiers = sampleInvoice().lines[1]?.tiers ?? [];
    const lines = numberedLines(60).map((line) => ({ ...line, tiers }));
    const pages = await pagesOf({ lines });
    expect(pages.length).toBeGreaterThan(3);
    for (const { text } of pages) {
      const ends = text.match(/Over 4,000,000/g) ?? [];
      expect(text.match(/Project \d{3}/g) ?? []).toHaveLength(ends.length);
    }
  });

  test('a line with more tiers than a page holds goes on from tier to tier', async () => {
    const tiers = Array.from({ length: 150 }, (_, index) => ({
      upTo: `${index + 1}`,
      quantity: '1',
      unitAmount: '0.01',
      amount: '0.01',
    }));
    const whole = await textOf({ lines: [usageLine({ tiers })] });
    for (let above = 1; above < 150; above++) {
      expect(whole.split(` ${above} to ${above + 1} at USD 0.01 1 USD 0.01`)).toHaveLength(2);
    }
  });

  test.each([
    ['words', Array.from({ length: 2_500 }, (_, index) => `word${index}`).join(' ')],
    ['one word', 'x'.repeat(3_000)],
    ['Japanese', '東京都千代田区丸の内'.repeat(200)],
  ])(
    'a very long description of %s wraps, loses nothing and stays within the margins',
    async (_, description) => {
      const pages = await pagesOf({
        lines: [usageLine({ description }), usageLine({ description: 'Next' })],
      });
      const printed = pages.map(({ text }) => text.replace(/Invoice INV-000001 –.*$/, '')).join('');
      const letters = printed.replace(/Description ?Quantity ?Amount/g, '').replaceAll(' ', '');
      expect(letters.replace('821,386tokensUSD12.32', '')).toContain(description.replaceAll(' ', ''));
      for (const { items, size } of pages) {
        for (const { leftPt, rightPt, baselinePt } of items) {
          expect(leftPt).toBeGreaterThan(51);
          expect(rightPt).toBeLessThan(size[0] - 51);
          expect(baselinePt).toBeGreaterThan(28);
        }
      }
    },
  );

  test('an invoice without lines still says its totals', async () => {
    const text = await textOf({ lines: [], subtotal: '0.00', total: '0.00', amountDue: '0.00' });
    expect(text).toContain('Amount due USD 0.00');
    expect(text).toContain('Page 1 of 1');
  });

  test('figures of a column end at one edge', async () => {
    const lines = ['1.11', '20.00', '-1234567.89'].map((amount) => usageLine({ amount }));
    const [page] = await pagesOf({ lines });
    const edges = (page?.items ?? [])
      .filter(({ text }) => /^(?:Amount|USD -?[\d,]+\.\d\d)$/.test(text))
      .map(({ rightPt }) => Math.round(rightPt * 10) / 10);
    expect(edges.length).toBeGreaterThanOrEqual(7);
    expect(new Set(edges).size).toBe(1);
  });
});

describe('what is not whole', () => {
  test('a page of the lines is never printed as the invoice', async () => {
    await expect(render({ linesNextCursor: 'next' })).rejects.toThrow('an invoice prints whole');
  });

  test.each(['1e3', '', '1,000.00', 'NaN', '+1'])('an amount "%s" is never printed', async (amount) => {
    await expect(render({ lines: [usageLine({ amount })] })).rejects.toThrow('plain decimal');
  });
});
