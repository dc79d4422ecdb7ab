import { expect, test } from 'vitest';
import { type SignedRow, standingEvents } from './standing-events.ts';

const row = (id: string, fields: Partial<SignedRow> = {}): SignedRow => ({
  source: 'default',
  id,
  timeMs: Date.UTC(2026, 5, 1),
  quantity: '1',
  uniqueKey: '',
  dimensions: '{"region":"eu"}',
  sign: 1,
  ...fields,
});
const standing = (...rows: readonly SignedRow[]) =>
  standingEvents(rows, { meter: 'calls', customer: 'acme' }).map(({ id, quantity }) => `${id} ${quantity}`);

test('a row is an event of its meter and customer, with its dimensions', () => {
  expect(standingEvents([row('a', { uniqueKey: 'x' })], { meter: 'calls', customer: 'acme' })).toEqual([
    {
      kind: 'event',
      source: 'default',
      id: 'a',
      time: '2026-06-01T00:00:00.000Z',
      quantity: '1',
      uniqueKey: 'x',
      dimensions: { region: 'eu' },
      meter: 'calls',
      customer: 'acme',
    },
  ]);
});

test('an event that was taken back is gone, one that was amended is there as it is now, often as it was', () => {
  const takenBack = { sign: -1 } as const;
  expect(standing(row('a'), row('b'), row('b', takenBack), row('c'))).toEqual(['a 1', 'c 1']);
  expect(standing(row('a'), row('a', takenBack), row('a', { quantity: '5' }))).toEqual(['a 5']);
  expect(standing(row('a'), row('a', takenBack), row('a'))).toEqual(['a 1']);
  expect(standing(row('a', takenBack), row('a'))).toEqual([]);
});

test('an event that would count twice, or less than not at all, is refused', () => {
  expect(() => standing(row('a'), row('a'))).toThrow('counts once');
  expect(() => standing(row('a', { sign: -1 }))).toThrow('counts once');
});
