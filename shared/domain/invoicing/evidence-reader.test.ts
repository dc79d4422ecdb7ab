import { expect, test } from 'vitest';
import { sha256Hex } from '../../kernel/hash.ts';
import type { Charge } from '../rating/charge.ts';
import { evidenceReader } from './evidence-reader.ts';
import {
  type EvidenceEvent,
  type EvidenceLine,
  type EvidenceRecord,
  evidenceText,
} from './evidence-records.ts';

const PERIOD = { from: '2026-06-01T00:00:00.000Z', to: '2026-07-01T00:00:00.000Z' };
const CHARGE: Charge = {
  key: 'large',
  meter: 'calls',
  filters: { model: ['large', 'huge'] },
  price: { model: 'per_unit', unitAmount: '1' },
};
const HEADER: EvidenceRecord = {
  kind: 'evidence',
  v: 1,
  invoice: { id: 'inv_1', number: null, issuedAt: null, dueAt: null, finalizedAt: null, fence: 1 },
  terms: {
    tenant: 'ten_1',
    subscription: 'sub_1',
    customer: 'acme',
    currency: 'USD',
    planCurrency: 'USD',
    timeZone: 'UTC',
    quantity: '1',
  },
  closing: { kind: 'period_end', period: PERIOD, revision: 0 },
};
const VERSION: EvidenceRecord = { kind: 'version', version: 1, charges: [CHARGE] };
const LINE: EvidenceLine = {
  kind: 'line',
  line: 'line_1',
  charge: 'large',
  planVersion: 1,
  period: PERIOD,
  full: PERIOD,
  meter: { key: 'calls', version: 1, aggregation: 'sum' },
  invoiced: null,
};
const event = (fields: Partial<EvidenceEvent> = {}): EvidenceEvent => ({
  kind: 'event',
  source: 'default',
  id: 'a',
  time: PERIOD.from,
  quantity: '5',
  uniqueKey: '',
  dimensions: { model: 'large' },
  meter: 'calls',
  customer: 'acme',
  ...fields,
});

/** What the file says, or why it cannot be read; its end is added. */
function read(...records: readonly EvidenceRecord[]) {
  const reader = evidenceReader();
  const texts = records.map((record) => evidenceText(record).trimEnd());
  const sha256 = sha256Hex(texts.map((text) => `${text}\n`).join(''));
  const of = (kind: string) => records.filter((record) => record.kind === kind).length;
  const end: EvidenceRecord = { kind: 'end', lines: of('line'), events: of('event'), sha256 };
  for (const record of [...records, end]) {
    const refused = reader.take(record, evidenceText(record).trimEnd());
    if (refused !== null) return refused;
  }
  const finished = reader.finish();
  return finished.ok ? finished.value : finished.error;
}

test('events are counted for the line that they follow', () => {
  const other: EvidenceLine = {
    ...LINE,
    line: 'line_2',
    meter: { key: 'calls', version: 1, aggregation: 'count' },
  };
  const found = read(HEADER, VERSION, LINE, event(), event({ id: 'b' }), other, event());
  expect(found).toMatchObject({
    damage: null,
    lines: [
      { quantity: '10', evidence: { events: 2 }, problem: null },
      { quantity: '1', evidence: { events: 1, sha256: sha256Hex(evidenceText(event())) }, problem: null },
    ],
  });
});

test.each<[string, EvidenceLine, EvidenceEvent, string]>([
  ['other dimensions', LINE, event({ dimensions: { model: 'small' } }), 'has none of the values'],
  ['no dimensions', LINE, event({ dimensions: {} }), 'has none of the values'],
  ['another meter', LINE, event({ meter: 'seats' }), 'is of the meter seats, not calls'],
  ['another customer', LINE, event({ customer: 'globex' }), 'is of globex, not acme'],
  ['too early', LINE, event({ time: '2026-05-31T23:59:59.999Z' }), 'lies outside the period'],
  ['too late', LINE, event({ time: PERIOD.to }), 'lies outside the period'],
  ['a line without events', { ...LINE, meter: null }, event(), 'belongs to a line that counts none'],
])('an event that cannot count for its line is not counted, and told: %s', (_, line, wrong, problem) => {
  expect(read(HEADER, VERSION, line, wrong)).toMatchObject({
    lines: [{ evidence: { events: 0 }, problem: expect.stringContaining(problem) }],
  });
});

test('records stand where they belong', () => {
  expect(read(VERSION)).toContain('the header');
  expect(read(HEADER, HEADER)).toContain('the header');
  expect(read(HEADER, LINE, VERSION)).toBe('versions stand before all lines');
  expect(read(HEADER, VERSION, event())).toBe('an event follows its line');
  expect(evidenceReader().finish()).toEqual({ ok: false, error: 'it is empty' });
});
