import fc from 'fast-check';
import { planUsageRead } from '../../shared/domain/metering/plan-usage-read.ts';
import type { Aggregation, UsageReadPlan } from '../../shared/domain/metering/usage-read.ts';
import { parseWindow, windowsOf } from '../../shared/domain/metering/windows.ts';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './analytics-builders.ts';

export const AGGREGATIONS: readonly Aggregation[] = [
  'count',
  'sum',
  'min',
  'max',
  'avg',
  'latest',
  'unique_count',
];

/** Two days before the clocks of Berlin change, in the last week of a month: seven days around both. */
const START_MS = Date.UTC(2026, 9, 24);
const SPAN_MS = 9 * DAY_MS;

const instant = fc.oneof(
  fc.integer({ min: 0, max: SPAN_MS / HOUR_MS }).map((hours) => START_MS + hours * HOUR_MS),
  fc.integer({ min: 0, max: SPAN_MS / MINUTE_MS }).map((minutes) => START_MS + minutes * MINUTE_MS),
  fc.integer({ min: 0, max: SPAN_MS }).map((ms) => START_MS + ms),
);
const quantity = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.constantFrom(0, 1, 6, 12))
  .map(([value, places]) => {
    const digits = String(value < 0n ? -value : value).padStart(places + 1, '0');
    const split = digits.length - places;
    const text = places === 0 ? digits : `${digits.slice(0, split)}.${digits.slice(split)}`;
    return value < 0n ? `-${text}` : text;
  });
const region = fc.constantFrom(undefined, '', 'eu', 'us', '😀', 'ä');
const row = fc.record({
  timeMs: instant,
  quantity,
  customer: fc.constantFrom('acme', 'globex', 'initech'),
  dimensions: fc.record({ region, model: region }).map(({ region, model }) => {
    const present = Object.entries({ region, model }).filter((entry) => entry[1] !== undefined);
    return canonicalJson(Object.fromEntries(present) as Record<string, string>);
  }),
  uniqueKey: fc.constantFrom('', 'a', 'b', 'c', 'd'),
  id: fc.constantFrom('1', '2', '10'),
  source: fc.string({ minLength: 1, maxLength: 3 }),
});

/** Fields of rows, each of an event of its own: of two with one identity neither would be the latest. */
export function usageRowFields(constraints: { readonly minLength?: number; readonly maxLength: number }) {
  const selector = ({ timeMs, source, id }: { timeMs: number; source: string; id: string }) =>
    JSON.stringify([timeMs, source, id]);
  return fc.uniqueArray(row, { ...constraints, selector });
}

const window = fc.oneof(
  fc.constant({}),
  fc.record({
    window: fc.constantFrom('hour', 'day', 'week', 'month'),
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe'),
  }),
  fc.record({
    window: fc.constantFrom('24h', '90m', '3d', '1h'),
    step: fc.constantFrom('1h', '30m', '2h', '7m'),
  }),
);
export const usageQuestion = fc.record({
  range: fc.uniqueArray(instant, { minLength: 2, maxLength: 2 }),
  window,
  aggregation: fc.constantFrom(...AGGREGATIONS),
  groupBy: fc.subarray(['region', 'customer', 'model']),
  customer: fc.constantFrom(undefined, undefined, 'acme', 'nobody'),
  filters: fc.constantFrom({}, {}, { region: ['eu', '😀'] }, { model: [''], customer: ['acme', 'globex'] }),
});
type AskedUsage = typeof usageQuestion extends fc.Arbitrary<infer Q> ? Q : never;

export function planOf(
  asked: AskedUsage,
  tenant: string,
  dirtyHoursMs: readonly number[] = [],
): UsageReadPlan {
  const [first = 0, second = 0] = asked.range;
  const range = { fromMs: Math.min(first, second), toMs: Math.max(first, second) };
  const spec = parseWindow(asked.window);
  const windows = spec.ok ? windowsOf(spec.value, range) : spec;
  if (!windows.ok) throw new Error(windows.error.detail);
  const { aggregation, groupBy, filters, customer } = asked;
  return planUsageRead({
    ...{ tenant, meter: 'tokens', generations: [], aggregation, ...range, windows: windows.value },
    ...{ groupBy, filters: filters as Record<string, string[]>, dirtyHoursMs },
    ...(customer === undefined ? {} : { customer }),
  });
}
