import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { createInstalledFonts } from '../../shared/adapters/pdf/font-files.ts';
import type { InvoiceDocument } from '../../shared/adapters/pdf/invoice-document.ts';
import { renderInvoicePdf } from '../../shared/adapters/pdf/render-invoice-pdf.ts';
import { readPdf } from './read-pdf.ts';
import { CUSTOMER, numberedLines, SELLER, sampleInvoice, usageLine } from './sample-invoice.ts';

const readFont = createInstalledFonts();
const render = (invoice: InvoiceDocument, name = CUSTOMER.name) =>
  renderInvoicePdf({
    invoice,
    seller: SELLER,
    customer: { ...CUSTOMER, name },
    paper: 'letter',
    readFont,
  });

const dates = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString('latin1')
    .match(/D:\d{14}Z/g);
const fileId = (bytes: Uint8Array) => /\/ID \[(.+)\]/.exec(Buffer.from(bytes).toString('latin1'))?.[1];

test('the same invoice gives the same bytes, whatever was printed in between', async () => {
  const invoice = sampleInvoice({ lines: numberedLines(60) });
  const first = await render(invoice);
  // Characters that share glyphs with those of the invoice under other code points.
  await render(sampleInvoice({ lines: [usageLine({ description: 'Μ Ω Α\u00a0В Å 東' })] }), 'Àçmé');
  expect(await render(invoice)).toEqual(first);
});

test('the file is dated when the invoice was finalized, or a draft was issued', async () => {
  expect(dates(await render(sampleInvoice()))).toEqual(['D:20231202000012Z', 'D:20231202000012Z']);
  const draft = sampleInvoice({ status: 'draft', number: null, finalizedAt: null });
  expect(dates(await render(draft))).toEqual(['D:20231201000000Z', 'D:20231201000000Z']);
});

test('the id of the file is that of its invoice', async () => {
  const id = fileId(await render(sampleInvoice()));
  expect(id).toMatch(/^<[0-9a-f]{32}> <[0-9a-f]{32}>$/);
  expect(fileId(await render(sampleInvoice()))).toBe(id);
  expect(fileId(await render(sampleInvoice({ id: 'inv_02' })))).not.toBe(id);
});

const anyText = fc.string({ unit: 'grapheme', maxLength: 300 });

test.prop(
  { name: anyText, description: anyText, unit: fc.string({ unit: 'binary', maxLength: 80 }) },
  { numRuns: 30 },
)(
  'whatever a text holds, it prints within the margins and beside its amount',
  async ({ name, description, unit }) => {
    const pages = await readPdf(
      await render(sampleInvoice({ lines: [usageLine({ description, unit })] }), name),
    );
    for (const { items, size } of pages) {
      for (const { leftPt, rightPt } of items) {
        expect(leftPt).toBeGreaterThan(51);
        expect(rightPt).toBeLessThan(size[0] - 51);
      }
    }
    expect(pages.map(({ text }) => text).join(' ')).toContain('USD 12.32');
  },
);
