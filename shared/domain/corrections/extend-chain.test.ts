import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { UsageEvent } from '../events/event.ts';
import type { CountedEvent, CountedRow } from '../metering/count-event.ts';
import { type Chain, type ChainBase, type ChainOutcome, NEW_CHAIN } from './chain.ts';
import type { Correction } from './correction.ts';
import { type ChainEntry, extendChain, needsBase } from './extend-chain.ts';

const eventOf = (value: number): UsageEvent => ({
  source: 's',
  id: 'e',
  type: 'call',
  customer: `customer-${value % 2}`,
  timeMs: 1_000 + value,
  timeSent: true,
  properties: { value },
});
const rowOf = ({ customer, timeMs, properties }: UsageEvent, meter: string): CountedRow => {
  const quantity = JSON.stringify(properties.value);
  return { meter, meterVersion: 1, customer, timeMs, quantity, uniqueKey: '', dimensions: '{}' };
};
const rowsOf = (event: UsageEvent) => ['calls', 'tokens'].map((meter) => rowOf(event, meter));
const count = (event: UsageEvent): CountedEvent => {
  return { customer: event.customer, status: 'counted', reason: '', rows: rowsOf(event), refusals: [] };
};
const METERS = new Map([
  ['calls', 2],
  ['tokens', 1],
]);
const correctionOf = (revision: number, value: number | null): Correction => ({
  source: 's',
  id: 'e',
  revision,
  action: value === null ? 'revoke' : 'amend',
  eventTimeMs: null,
  reason: 'wrong',
  event: value === null ? null : eventOf(value),
});
const correct = (correction: Correction, fence = 5): ChainEntry => {
  return { kind: 'correction', correction, fence, receivedAtMs: 9_000 };
};
const shown = {
  event: eventOf(7),
  receivedAtMs: 8_000,
  customer: 'customer-1',
  status: 'counted',
  reason: '',
} as const;
const base: ChainBase = { rows: rowsOf(eventOf(7)).map((row) => ({ ...row, fence: 3 })), shown };

interface Run {
  readonly chain: Chain;
  readonly outcomes: readonly ChainOutcome[];
}
function run(groups: readonly (readonly ChainEntry[])[]): Run {
  let chain = NEW_CHAIN;
  const outcomes: ChainOutcome[] = [];
  for (const entries of groups) {
    const asked = {
      chain,
      base: needsBase(chain, entries) ? base : null,
      entries,
      revision: 1,
      count,
      meters: METERS,
    };
    const extended = extendChain(asked);
    if (extended === null) continue;
    chain = extended.chain;
    outcomes.push(extended.outcome);
  }
  return { chain, outcomes };
}
const content = (rows: readonly CountedRow[]) =>
  rows.map((row) => JSON.stringify([row.meter, row.customer, row.timeMs, row.quantity])).sort();

/** What the rows of all plans come to, by sign; what is counted and taken back is gone. */
function folded(outcomes: readonly ChainOutcome[]): readonly string[] {
  const standing = new Map<string, number>();
  const add = (rows: readonly CountedRow[], sign: number) => {
    for (const row of content(rows)) standing.set(row, (standing.get(row) ?? 0) + sign);
  };
  if (outcomes.length > 0) add(base.rows, 1);
  for (const { negated, added } of outcomes) {
    add(negated, -1);
    add(added, 1);
  }
  return [...standing].flatMap(([row, net]) => {
    expect([0, 1]).toContain(net);
    return net === 1 ? [row] : [];
  });
}

test('corrections take effect by revision, whatever order, grouping and repetition they arrive in', () => {
  const values = fc.array(fc.option(fc.integer({ min: 0, max: 5 }), { freq: 3 }), {
    minLength: 1,
    maxLength: 6,
  });
  const arrivals = values.chain((list) => {
    const all = list.map((value, index) => correctionOf(index + 1, value));
    return fc.record({
      all: fc.constant(all),
      order: fc.array(fc.record({ index: fc.nat(all.length - 1), cut: fc.boolean(), fence: fc.nat(9) }), {
        maxLength: 20,
      }),
    });
  });
  fc.assert(
    fc.property(arrivals, ({ all, order }) => {
      const groups: ChainEntry[][] = [[]];
      const arrived = new Set<number>();
      for (const { index, cut, fence } of order) {
        const correction = all[index] as Correction;
        arrived.add(correction.revision);
        groups.at(-1)?.push(correct(correction, fence));
        if (cut) groups.push([]);
      }
      const { chain, outcomes } = run(groups.filter((entries) => entries.length > 0));
      let last = 0;
      while (arrived.has(last + 1)) last += 1;
      const event = last === 0 ? eventOf(7) : (all[last - 1] as Correction).event;
      expect(chain.correction).toBe(last);
      expect(chain.waiting.map(({ correction }) => correction.revision).sort()).toEqual(
        [...arrived].filter((revision) => revision > last).sort(),
      );
      if (outcomes.length > 0 && last > 0) {
        expect(content(chain.standing)).toEqual(event === null ? [] : content(rowsOf(event)));
        expect([...folded(outcomes)].sort()).toEqual(content(chain.standing));
      }
    }),
    { numRuns: 500 },
  );
});

test('what is taken back is never below what it takes back, so that no snapshot has it alone', () => {
  const { outcomes } = run([[correct(correctionOf(1, 2), 1)], [correct(correctionOf(2, null), 2)]]);
  expect(outcomes.map(({ fence }) => fence)).toEqual([3, 3]);
});

test('the same correction again changes nothing; another one of its revision is a conflict and changes nothing', () => {
  const first = run([[correct(correctionOf(1, 2))]]);
  const again = run([[correct(correctionOf(1, 2))], [correct(correctionOf(1, 2))]]);
  expect(again).toEqual(first);
  const other = run([[correct(correctionOf(1, 2))], [correct(correctionOf(1, 3))]]);
  expect(other.chain.standing).toEqual(first.chain.standing);
  expect(other.outcomes.at(-1)).toMatchObject({ negated: [], added: [], changes: [{ status: 'conflict' }] });
});

test('a correction ahead of its predecessor needs nothing of the event, and says that it waits', () => {
  expect(needsBase(NEW_CHAIN, [correct(correctionOf(2, 2))])).toBe(false);
  const { chain, outcomes } = run([[correct(correctionOf(2, 2))]]);
  expect(chain).toMatchObject({ isStarted: false, correction: 0, standing: [] });
  expect(outcomes).toMatchObject([{ negated: [], added: [], changes: [{ status: 'waiting', revision: 2 }] }]);
});

const recount = (scope: 'attribution' | 'revert' | 'meter', eventLink = 0, value = 7): ChainEntry => ({
  kind: 'recount',
  recount: {
    source: 's',
    id: 'e',
    job: 'job_1',
    scope: scope === 'meter' ? { kind: 'meter', meter: 'calls', version: 2 } : { kind: scope },
    found: { shown: { ...shown, event: eventOf(value) }, rows: base.rows },
    eventLink,
  },
  fence: 9,
  receivedAtMs: 9_500,
});

test('a job does nothing to an event that was corrected after it looked', () => {
  const { chain, outcomes } = run([[correct(correctionOf(1, 2))], [recount('meter')], [recount('revert')]]);
  expect(outcomes).toHaveLength(1);
  expect(content(chain.standing)).toEqual(content(rowsOf(eventOf(2))));
});

test('a meter is counted anew only where that changes something, and other meters stand', () => {
  expect(run([[recount('meter')]]).outcomes).toEqual([]);
  const changed = extendChain({
    chain: NEW_CHAIN,
    base,
    entries: [recount('meter')],
    revision: 4,
    meters: METERS,
    count: (event) => ({
      ...count(event),
      rows: [{ ...rowOf(event, 'calls'), meterVersion: 2 }, rowOf(event, 'tokens')],
    }),
  });
  expect(changed?.outcome).toMatchObject({
    revision: 4,
    fence: 9,
    negated: [{ meter: 'calls', meterVersion: 1 }],
    added: [{ meter: 'calls', meterVersion: 2 }],
    events: [{ status: 'counted' }],
    changes: [{ action: 'recount', job: 'job_1' }],
  });
  expect(changed?.chain.standing.map(({ meter }) => meter).sort()).toEqual(['calls', 'tokens']);
});

test('an event that was nobody’s is counted once, and a correction after that takes back what the job counted', () => {
  const attributed = extendChain({
    chain: NEW_CHAIN,
    base: { rows: [], shown: { ...shown, customer: '', status: 'unattributed' } },
    entries: [recount('attribution')],
    revision: 2,
    count,
    meters: METERS,
  });
  expect(attributed?.outcome).toMatchObject({
    events: [
      { customer: '', status: 'superseded' },
      { customer: 'customer-1', receivedAtMs: 8_000 },
    ],
  });
  const chain = attributed?.chain ?? NEW_CHAIN;
  expect(
    extendChain({ chain, base: null, entries: [recount('attribution')], revision: 2, count, meters: METERS }),
  ).toBeNull();
  const revoked = extendChain({
    chain,
    base: null,
    entries: [correct(correctionOf(1, null))],
    revision: 2,
    count,
    meters: METERS,
  });
  expect(content(revoked?.outcome.negated ?? [])).toEqual(content(rowsOf(eventOf(7))));
  expect(revoked?.chain).toMatchObject({ state: 'revoked', standing: [], shown: { status: 'revoked' } });
});

const recountOf = (meter: string, shownAs: ChainBase['shown'] = shown): ChainEntry => ({
  kind: 'recount',
  recount: {
    ...{ source: 's', id: 'e', job: `job of ${meter}`, eventLink: 0 },
    scope: { kind: 'meter', meter, version: 1 },
    found: { shown: shownAs ?? shown, rows: base.rows },
  },
  fence: 9,
  receivedAtMs: 9_500,
});
const asVersion2 = (event: UsageEvent, customer = event.customer): CountedEvent => ({
  ...count(event),
  customer,
  rows: rowsOf(event).map((row) => ({ ...row, customer, meterVersion: 2 })),
});
const asked = { chain: NEW_CHAIN, base, revision: 4, meters: METERS, count: asVersion2 };

test('two meters that are counted anew at the same time are both counted anew', () => {
  const first = extendChain({ ...asked, entries: [recountOf('calls')] });
  const second = extendChain({
    ...asked,
    ...{ chain: first?.chain ?? NEW_CHAIN, base: null, entries: [recountOf('tokens')] },
  });
  expect(second?.chain.standing.map(({ meter, meterVersion }) => [meter, meterVersion])).toEqual([
    ['calls', 2],
    ['tokens', 2],
  ]);
});

test('what is counted anew stays its customer’s, whoever has the name today, and nobody’s stays whole', () => {
  const moved = { ...shown, customer: 'customer-before' };
  const entries = [recountOf('calls', moved)];
  const counted = extendChain({ ...asked, base: { ...base, shown: moved }, entries });
  expect(counted?.outcome.added).toMatchObject([{ meter: 'calls', customer: 'customer-before' }]);
  const nobodys = { ...shown, customer: '', status: 'unattributed' as const };
  const left = extendChain({
    ...asked,
    ...{ base: { rows: [], shown: nobodys }, entries: [recountOf('calls', nobodys)] },
  });
  expect(left).toBeNull();
});

test('a meter that finds an event wrong when it counts anew says so, also where it counted nothing before', () => {
  const refusals = [{ meter: 'calls', code: 'meter.value_missing', message: 'no value' }];
  const extended = extendChain({
    ...asked,
    base: { ...base, rows: [] },
    entries: [recountOf('calls')],
    count: (event) => ({ ...count(event), rows: [], refusals }),
  });
  expect(extended?.outcome).toMatchObject({ negated: [], added: [], refused: { refusals } });
});
