import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { InvoiceJson } from '../../shared/domain/invoicing/invoice-json.ts';
import { PRESENTATION_FIELDS } from '../../shared/domain/invoicing/verify-invoice.ts';
import { draftLlmInvoice, invoiceFiles, traceEvents } from '../invoicing/llm-invoices.ts';
import { runCommand, temporaryFolder } from './run-command.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

const WHOLE = filesOf(Number.POSITIVE_INFINITY);
const SMALL = filesOf(12);

/** The invoice of acme for the first of its requests. */
function filesOf(requests: number) {
  const all = traceEvents('acme');
  const events = new Map([...all].map(([meter, list]) => [meter, list.slice(0, requests)]));
  const { invoice } = draftLlmInvoice('acme', events);
  if (invoice === null) throw new Error('there is no invoice');
  return invoiceFiles(invoice, events);
}

async function verify(invoice: unknown, evidence: string) {
  const text = typeof invoice === 'string' ? invoice : JSON.stringify(invoice, null, 2);
  const invoiceFile = await folder.write('invoice.json', text);
  const evidenceFile = await folder.write('proof.ndjson', evidence);
  return runCommand(['verify', invoiceFile, '--evidence', evidenceFile]);
}

const withLine = (invoice: InvoiceJson, index: number, fields: object) => ({
  ...invoice,
  lines: invoice.lines.map((line, at) => (at === index ? { ...line, ...fields } : line)),
});

/** The text with the digit at a position made another one. */
function flipDigit(text: string, position: number, by: number): string {
  const digit = String((Number(text[position]) + by) % 10);
  return text.slice(0, position) + digit + text.slice(position + 1);
}

const digitsIn = (text: string) => [...text.matchAll(/\d/g)].map(({ index }) => index);

describe('an invoice that is right', () => {
  test('is equal: events, prices and sums of a month, recomputed', async () => {
    const { exitCode, out, err } = await verify(WHOLE.shown, WHOLE.evidence);
    expect({ exitCode, err, out }).toEqual({
      exitCode: 0,
      err: '',
      out: `equal  ${WHOLE.shown.id}: 4 lines, 11,622 events, 45.01 USD\n`,
    });
  });

  test('is equal whatever its presentation says', async () => {
    expect(PRESENTATION_FIELDS).toEqual(['status', 'lines[].description', 'lines[].unit']);
    const described = withLine(SMALL.shown, 1, { description: 'GPT 5, 1,000 tokens', unit: '1k' });
    const { exitCode } = await verify({ ...described, status: 'paid' }, SMALL.evidence);
    expect(exitCode).toBe(0);
  });

  test('is equal when part of it is paid, and what is due says so', async () => {
    const { total } = SMALL.shown;
    const paid = { ...SMALL.shown, amountPaid: total, amountDue: '0.00' };
    expect((await verify(paid, SMALL.evidence)).exitCode).toBe(0);
    const owed = await verify({ ...paid, amountDue: total }, SMALL.evidence);
    expect(owed.out).toBe(`different  amountDue: is ${total}, should be 0.00\n`);
  });

  test('finds its evidence beside it', async () => {
    const file = await folder.write('november.json', JSON.stringify(SMALL.shown));
    await folder.write('november.evidence.ndjson', SMALL.evidence);
    expect((await runCommand(['verify', file])).exitCode).toBe(0);
  });
});

describe('an invoice that is wrong', () => {
  test.each<[string, object, string]>([
    [
      'an amount',
      withLine(WHOLE.shown, 1, { amount: '11.20' }),
      'lines[1].amount: is 11.20, should be 11.19',
    ],
    [
      'a quantity',
      withLine(WHOLE.shown, 3, { quantity: '3875' }),
      'lines[3].quantity: is 3875, should be 3874',
    ],
    [
      'a meter version',
      withLine(WHOLE.shown, 2, { meterVersion: 2 }),
      'lines[2].meterVersion: is 2, should be 1',
    ],
    ['a total', { ...WHOLE.shown, total: '45.02' }, 'total: is 45.02, should be 45.01'],
    ['a discount', { ...WHOLE.shown, discountTotal: '1.00' }, 'total: is 45.01, should be 44.01'],
    ['a tax', { ...WHOLE.shown, taxTotal: '0.001' }, 'taxTotal: is 0.001, which is no amount in USD'],
    [
      'a line that is missing',
      { ...WHOLE.shown, lines: WHOLE.shown.lines.slice(0, 3) },
      'lines[3]: is missing',
    ],
    [
      'a line that is there twice',
      { ...WHOLE.shown, lines: [...WHOLE.shown.lines, WHOLE.shown.lines[3]] },
      'lines[4]: should not be there',
    ],
    ['a number', { ...WHOLE.shown, number: 'INV-000002' }, 'number: is INV-000002, should be INV-000001'],
    ['a fence', { ...WHOLE.shown, fence: 4712 }, 'fence: is 4712, should be 4711'],
  ])('%s: the first difference is named by its field', async (_, invoice, expected) => {
    const { exitCode, out, err } = await verify(invoice, WHOLE.evidence);
    expect({ exitCode, err, out }).toEqual({ exitCode: 1, err: '', out: `different  ${expected}\n` });
  });

  test('a digit that is another one is found, anywhere in its figures, hashes, times and ids', async () => {
    const text = JSON.stringify(SMALL.shown);
    const position = fc.constantFrom(...digitsIn(text));
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 1, max: 9 }), async (at, by) => {
        const { exitCode, out, err } = await verify(flipDigit(text, at, by), SMALL.evidence);
        expect(exitCode, out + err).toBeOneOf([1, 2]);
        expect(out + err).not.toBe('');
      }),
      { numRuns: 150 },
    );
  });
});

describe('evidence that is wrong', () => {
  const records = SMALL.evidence.trimEnd().split('\n');
  const eventAt = records.findIndex((record) => record.includes('"kind":"event"'));
  const joined = (changed: readonly string[]) => `${changed.join('\n')}\n`;

  test('a digit that is another one is found, anywhere in the file', async () => {
    const position = fc.constantFrom(...digitsIn(SMALL.evidence));
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 1, max: 9 }), async (at, by) => {
        const { exitCode, out, err } = await verify(SMALL.shown, flipDigit(SMALL.evidence, at, by));
        expect(exitCode, out + err).toBeOneOf([1, 2]);
      }),
      { numRuns: 150 },
    );
  });

  test.each<[string, readonly string[], string]>([
    ['an event that is missing', records.toSpliced(eventAt, 1), 'lines[1].evidence.sha256: is '],
    [
      'an event that is there twice',
      records.toSpliced(eventAt, 0, records[eventAt] ?? ''),
      'lines[1].evidence: event conv-0 of default is there twice',
    ],
    [
      'events in another order',
      records.toSpliced(eventAt, 2, records[eventAt + 1] ?? '', records[eventAt] ?? ''),
      'lines[1].evidence: event conv-0 of default is not in order',
    ],
    [
      'an event of somebody else',
      records.with(eventAt, (records[eventAt] ?? '').replace('"acme"', '"globex"')),
      'lines[1].evidence: event conv-0 of default is of globex, not acme',
    ],
    [
      'an event of another month',
      records.with(eventAt, (records[eventAt] ?? '').replace('2023-11', '2023-12')),
      'lines[1].evidence: event conv-0 of default lies outside the period, at 2023-12-16T18:15:46.680Z',
    ],
    [
      'another price',
      records.map((record) => record.replace('"20.00"', '"21.00"')),
      'lines[0].amount: is 20.00, should be 21.00',
    ],
  ])('%s', async (_, changed, expected) => {
    const { exitCode, out } = await verify(SMALL.shown, joined(changed));
    expect(exitCode).toBe(1);
    expect(out).toContain(`different  ${expected}`);
  });
});

describe('files that cannot be read', () => {
  test.each<[string, unknown, string, string]>([
    ['no JSON', '{', SMALL.evidence, 'is no invoice'],
    ['an amount that is a number', { ...SMALL.shown, total: 1 }, SMALL.evidence, 'is no invoice: total: '],
    ['one page of lines', { ...SMALL.shown, linesNextCursor: 'x' }, SMALL.evidence, 'not all of its lines'],
    [
      'evidence cut off',
      SMALL.shown,
      SMALL.evidence.split('\n').slice(0, 9).join('\n'),
      'its end is missing',
    ],
    ['no evidence', SMALL.shown, '', 'it is empty'],
    ['another format', SMALL.shown, SMALL.evidence.replace('"v":1', '"v":2'), 'line 1: v: '],
    [
      'a header that is missing',
      SMALL.shown,
      SMALL.evidence.replace(/^.*\n/, ''),
      'line 1: the first record',
    ],
    ['more after the end', SMALL.shown, `${SMALL.evidence}${SMALL.evidence}`, 'nothing follows the end'],
  ])('%s', async (_, invoice, evidence, expected) => {
    const { exitCode, out, err } = await verify(invoice, evidence);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toContain(expected);
    expect(err).toContain('(cli.file_unusable)');
  });

  test('a file that is not there', async () => {
    const invoice = await folder.write('invoice.json', JSON.stringify(SMALL.shown));
    for (const argv of [[invoice], [folder.at('absent.json')], [invoice, '--evidence', folder.at('')]]) {
      const { exitCode, err } = await runCommand(['verify', ...argv]);
      expect(exitCode).toBe(2);
      expect(err).toContain('(cli.file_unusable)');
    }
  });
});
