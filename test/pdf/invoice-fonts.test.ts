import { expect, test } from 'vitest';
import { createInstalledFonts, type ReadFont } from '../../shared/adapters/pdf/font-files.ts';
import { renderInvoicePdf } from '../../shared/adapters/pdf/render-invoice-pdf.ts';
import { fontNames, readPdf } from './read-pdf.ts';
import { CUSTOMER, SELLER, sampleInvoice, usageLine } from './sample-invoice.ts';

const installed = createInstalledFonts();

/** An invoice with one line of that description. */
const render = (description: string, customer = CUSTOMER, readFont = installed) =>
  renderInvoicePdf({
    invoice: sampleInvoice({ lines: [usageLine({ description })] }),
    seller: SELLER,
    customer,
    paper: 'a4',
    readFont,
  });
const textOf = async (...args: Parameters<typeof render>) =>
  (await readPdf(await render(...args))).map(({ text }) => text).join(' ');

test.each([
  'Łódź Spółka z o.o.',
  'Ελληνική Εταιρεία Ενέργειας Α.Ε.',
  'ООО «Ёлка и Щука»',
  '株式会社アクメ・東京（本社）',
  'Traffic office, Zürich – Nguyễn Đặng',
  'Acme 株式会社 Łódź',
])('%s prints as it is written, as a name and as a description', async (name) => {
  const customer = { name, addressLines: [name] };
  const text = await textOf(name, customer);
  expect(text.split(name)).toHaveLength(4);
});

test('a character that no font has prints a visible mark, and the rest prints', async () => {
  const text = await textOf('Sky 😀 שלום end');
  expect(text).toContain('Sky \u{FFFD} \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD} end');
});

test('the large Japanese fonts are read only for a text that needs them', async () => {
  const names: string[] = [];
  const counting: ReadFont = (name) => {
    names.push(name);
    return installed(name);
  };
  const latin = await render('Tokens', CUSTOMER, counting);
  expect(names.sort()).toEqual(['NotoSans_400Regular.ttf', 'NotoSans_600SemiBold.ttf']);
  expect(fontNames(latin)).toEqual(new Set(['NotoSans-Regular', 'NotoSans-SemiBold']));
  const japanese = await render('東京', CUSTOMER, counting);
  expect(names).toContain('NotoSansJP_400Regular.ttf');
  expect(fontNames(japanese)).toEqual(
    new Set(['NotoSans-Regular', 'NotoSans-SemiBold', 'NotoSansJP-Regular']),
  );
});

test('a font that cannot be read fails the document', async () => {
  const failing: ReadFont = () => Promise.reject(new Error('no such font'));
  await expect(render('Tokens', CUSTOMER, failing)).rejects.toThrow('no such font');
});
