import { expect, test } from 'vitest';
import { verifyFiles } from '../../shared/app/invoicing/verify-files.ts';
import { draftLlmInvoice, invoiceFiles, traceEvents } from './llm-invoices.ts';

const events = new Map([...traceEvents('acme')].map(([meter, list]) => [meter, list.slice(0, 3)]));
const { invoice } = draftLlmInvoice('acme', events);
if (invoice === null) throw new Error('there is no invoice');
const { shown, evidence } = invoiceFiles(invoice, events);
const INVOICE = JSON.stringify(shown);

async function* linesOf(text: string) {
  for (const [index, line] of text.trimEnd().split('\n').entries()) yield { number: index + 1, text: line };
}

/** Whether the texts are those of an invoice and its proof. */
async function isEqual(invoiceText: string, evidenceText: string): Promise<boolean> {
  const verified = await verifyFiles({ invoice: invoiceText, evidence: linesOf(evidenceText) });
  return verified.ok && verified.value.difference === null;
}

/** The text with each of its digits raised by one, one at a time. */
function* changes(text: string): Generator<{ readonly at: number; readonly changed: string }> {
  for (const { 0: digit, index } of text.matchAll(/\d/g)) {
    const changed = text.slice(0, index) + String((Number(digit) + 1) % 10) + text.slice(index + 1);
    yield { at: index, changed };
  }
}

test('no digit of an invoice can be another one', async () => {
  expect(await isEqual(INVOICE, evidence)).toBe(true);
  const missed: string[] = [];
  for (const { at, changed } of changes(INVOICE)) {
    if (await isEqual(changed, evidence)) missed.push(changed.slice(at - 20, at + 20));
  }
  expect(missed).toEqual([]);
});

test('no digit of its evidence can be another one', async () => {
  const missed: string[] = [];
  for (const { at, changed } of changes(evidence)) {
    if (await isEqual(INVOICE, changed)) missed.push(changed.slice(at - 20, at + 20));
  }
  expect(missed).toEqual([]);
});
