import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../kernel/limits.ts';
import { planUsageRead, type UsageReadQuestion } from './plan-usage-read.ts';
import type { Aggregation, UsageGrain, UsageReadPlan, UsageWindows } from './usage-read.ts';
import { windowList } from './window-list.ts';
import { parseWindow, windowsOf } from './windows.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const GRAIN_MS: Readonly<Record<UsageGrain, number>> = {
  usage: 1,
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
};
const START_MS = Date.UTC(2026, 9, 1);
const AGGREGATIONS: readonly Aggregation[] = ['count', 'sum', 'min', 'max', 'avg', 'latest', 'unique_count'];

function question(fields: Partial<UsageReadQuestion>): UsageReadQuestion {
  return {
    ...{ tenant: 'acme', meter: 'tokens', generations: [], aggregation: 'sum', groupBy: [], filters: {} },
    ...{ fromMs: START_MS, toMs: START_MS + DAY_MS, windows: { kind: 'single' }, dirtyHoursMs: [] },
    ...fields,
  };
}

function calendar(
  unit: 'day' | 'hour',
  timeZone: string,
  range: { fromMs: number; toMs: number },
): UsageWindows {
  const windows = windowsOf({ kind: 'calendar', unit, timeZone }, range);
  if (!windows.ok) throw new Error(windows.error.code);
  return windows.value;
}

const shape = (plan: UsageReadPlan) =>
  plan.segments.map(({ grain, fromMs, toMs }) => [grain, fromMs - START_MS, toMs - START_MS]);

describe('a usage read', () => {
  it('takes the coarsest rollup that fits and finer ones at the edges', () => {
    const range = {
      fromMs: START_MS + 22 * HOUR_MS + 58 * MINUTE_MS + 1,
      toMs: START_MS + 2 * DAY_MS + HOUR_MS,
    };
    expect(shape(planUsageRead(question(range)))).toEqual([
      ['usage', 22 * HOUR_MS + 58 * MINUTE_MS + 1, 22 * HOUR_MS + 59 * MINUTE_MS],
      ['minute', 22 * HOUR_MS + 59 * MINUTE_MS, 23 * HOUR_MS],
      ['hour', 23 * HOUR_MS, DAY_MS],
      ['day', DAY_MS, 2 * DAY_MS],
      ['hour', 2 * DAY_MS, 2 * DAY_MS + HOUR_MS],
    ]);
  });

  it('takes dirty hours from the rows, and no day that holds one', () => {
    const plan = planUsageRead(
      question({ toMs: START_MS + 2 * DAY_MS, dirtyHoursMs: [START_MS + 5 * HOUR_MS] }),
    );
    expect(shape(plan)).toEqual([
      ['hour', 0, 5 * HOUR_MS],
      ['usage', 5 * HOUR_MS, 6 * HOUR_MS],
      ['hour', 6 * HOUR_MS, DAY_MS],
      ['day', DAY_MS, 2 * DAY_MS],
    ]);
  });

  it('of equal grains is one segment across windows', () => {
    const range = { fromMs: START_MS, toMs: START_MS + 30 * DAY_MS };
    const utc = planUsageRead(question({ ...range, windows: calendar('day', 'UTC', range) }));
    expect(shape(utc)).toEqual([['day', 0, 30 * DAY_MS]]);
    const berlin = planUsageRead(question({ ...range, windows: calendar('day', 'Europe/Berlin', range) }));
    expect(shape(berlin)).toEqual([['hour', 0, 30 * DAY_MS]]);
  });

  it('of a zone with half hours over a year is bounded by reading minutes', () => {
    const range = { fromMs: START_MS, toMs: START_MS + 365 * DAY_MS };
    const plan = planUsageRead(question({ ...range, windows: calendar('day', 'Asia/Kolkata', range) }));
    expect(shape(plan)).toEqual([['minute', 0, 365 * DAY_MS]]);
  });

  it('of latest over a year of such days is bounded by reading rows: minutes do not hold it', () => {
    const range = { fromMs: START_MS, toMs: START_MS + 365 * DAY_MS };
    const windows = calendar('day', 'Asia/Kolkata', range);
    const plan = planUsageRead(question({ ...range, aggregation: 'latest', windows }));
    expect(shape(plan)).toEqual([['usage', 0, 365 * DAY_MS]]);
  });

  it('of windows that no rollup fits is read from the rows in one piece', () => {
    const range = { fromMs: START_MS + 1, toMs: START_MS + 1 + DAY_MS };
    const windows = { kind: 'sliding', lengthMs: HOUR_MS, stepMs: 1_000 } as const;
    const plan = planUsageRead(question({ ...range, windows }));
    expect(shape(plan)).toEqual([['usage', 1, 1 + DAY_MS]]);
  });

  it('names the generations of the days in its range, whose rollups are no more segments for that', () => {
    const generations = Array.from({ length: 40 }, (_, day) => ({
      dayMs: START_MS + day * DAY_MS,
      generation: 1 + (day % 2),
    }));
    const range = { fromMs: START_MS + DAY_MS + 12 * HOUR_MS, toMs: START_MS + 30 * DAY_MS };
    const plan = planUsageRead(question({ ...range, generations }));
    expect(shape(plan)).toEqual([
      ['hour', 36 * HOUR_MS, 2 * DAY_MS],
      ['day', 2 * DAY_MS, 30 * DAY_MS],
    ]);
    expect(plan.generations).toEqual(generations.slice(1, 30));
  });

  it('of more rebuilt days than a question can name is read from the rows', () => {
    const days = Array.from(
      { length: LIMITS.usageGenerationDaysMax + 1 },
      (_, day) => START_MS + day * DAY_MS,
    );
    const generations = days.map((dayMs) => ({ dayMs, generation: 1 }));
    const toMs = START_MS + days.length * DAY_MS;
    expect(shape(planUsageRead(question({ toMs, generations })))).toEqual([['usage', 0, toMs - START_MS]]);
    const shorter = planUsageRead(question({ toMs: toMs - DAY_MS, generations }));
    expect(shorter.segments.map(({ grain }) => grain)).toEqual(['day']);
  });

  it('with very many dirty hours joins those that are nearest to one another', () => {
    const hours = Array.from({ length: 2_000 }, (_, index) => START_MS + 2 * index * HOUR_MS);
    const far = START_MS + 300 * DAY_MS;
    const range = { fromMs: START_MS, toMs: START_MS + 400 * DAY_MS };
    const plan = planUsageRead(question({ ...range, dirtyHoursMs: [far, ...hours] }));
    expect(plan.segments.length).toBeLessThanOrEqual(LIMITS.usageSegmentsMax);
    const whole = plan.segments.find(({ grain, toMs }) => grain === 'day' && toMs === far);
    expect(whole).toBeDefined();
  });

  it.each(AGGREGATIONS)('of %s takes every rollup that holds it, but for dirty hours', (aggregation) => {
    const range = { fromMs: START_MS - HOUR_MS - MINUTE_MS - 1, toMs: START_MS + 2 * DAY_MS };
    const plan = planUsageRead(question({ ...range, aggregation, dirtyHoursMs: [START_MS + DAY_MS] }));
    const edge =
      aggregation === 'latest'
        ? [['usage', -HOUR_MS - MINUTE_MS - 1, -HOUR_MS]]
        : [
            ['usage', -HOUR_MS - MINUTE_MS - 1, -HOUR_MS - MINUTE_MS],
            ['minute', -HOUR_MS - MINUTE_MS, -HOUR_MS],
          ];
    expect(shape(plan)).toEqual([
      ...edge,
      ['hour', -HOUR_MS, 0],
      ['day', 0, DAY_MS],
      ['usage', DAY_MS, DAY_MS + HOUR_MS],
      ['hour', DAY_MS + HOUR_MS, 2 * DAY_MS],
    ]);
  });

  const instant = fc.oneof(
    fc.integer({ min: 0, max: 40 * 24 }).map((hours) => START_MS + hours * HOUR_MS),
    fc.integer({ min: 0, max: 40 * 24 * 60 }).map((minutes) => START_MS + minutes * MINUTE_MS),
    fc.integer({ min: 0, max: 40 * DAY_MS }).map((ms) => START_MS + ms),
  );
  const window = fc.oneof(
    fc.constant({}),
    fc.record({
      window: fc.constantFrom('minute', 'hour', 'day', 'week', 'month'),
      timeZone: fc.constantFrom(
        'UTC',
        'Europe/Berlin',
        'Asia/Kolkata',
        'Australia/Lord_Howe',
        'America/St_Johns',
      ),
    }),
    fc.record({
      window: fc.constantFrom('24h', '90m', '7d', '45s'),
      step: fc.constantFrom('1h', '30m', '11m'),
    }),
  );
  const dirty = fc.array(fc.integer({ min: -2, max: 41 * 24 }), { maxLength: 100 });

  it('tiles its range, is aligned, and no rollup bucket crosses a window or touches a dirty hour', () => {
    const kind = fc.constantFrom(...AGGREGATIONS);
    const property = fc.property(
      instant,
      instant,
      window,
      dirty,
      kind,
      (first, second, asked, hours, aggregation) => {
        fc.pre(first !== second);
        const range = { fromMs: Math.min(first, second), toMs: Math.max(first, second) };
        const spec = parseWindow(asked);
        const windows = spec.ok ? windowsOf(spec.value, range) : spec;
        if (!windows.ok) throw new Error(windows.error.detail);
        const dirtyHoursMs = hours.map((hour) => START_MS + hour * HOUR_MS);
        const each = question({ ...range, windows: windows.value, aggregation, dirtyHoursMs });
        checkPlan(planUsageRead(each), dirtyHoursMs);
      },
    );
    expect(() => fc.assert(property, { numRuns: 300 })).not.toThrow();
  });
});

function checkPlan(plan: UsageReadPlan, dirtyHoursMs: readonly number[]): void {
  const { segments } = plan;
  expect(segments.length).toBeLessThanOrEqual(LIMITS.usageSegmentsMax);
  expect(segments[0]?.fromMs).toBe(plan.fromMs);
  expect(segments.at(-1)?.toMs).toBe(plan.toMs);
  const edges = new Set<number>();
  const list = windowList(plan.windows, plan);
  for (let index = 0; index < list.count; index += 1) {
    const { fromMs, toMs } = list.at(index);
    edges.add(fromMs).add(toMs);
  }
  for (const [index, { grain, fromMs, toMs }] of segments.entries()) {
    if (index > 0) {
      expect(fromMs).toBe(segments[index - 1]?.toMs);
      expect(grain).not.toBe(segments[index - 1]?.grain);
    }
    expect(fromMs).toBeLessThan(toMs);
    const wrong = [fromMs, toMs].filter((edgeMs) => edgeMs % GRAIN_MS[grain] !== 0);
    const crossed = [...edges].filter(
      (edgeMs) => fromMs < edgeMs && edgeMs < toMs && edgeMs % GRAIN_MS[grain] !== 0,
    );
    const touched = dirtyHoursMs.filter(
      (hourMs) => grain !== 'usage' && fromMs < hourMs + HOUR_MS && hourMs < toMs,
    );
    expect({ grain, wrong, crossed, touched }).toEqual({ grain, wrong: [], crossed: [], touched: [] });
  }
}
