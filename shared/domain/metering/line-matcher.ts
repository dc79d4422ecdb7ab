import type { UsageRow } from './rows.ts';
import type { UsageReadPlan } from './usage-read.ts';

type Line = Pick<UsageReadPlan, 'meter' | 'filters'>;
type Row = Pick<UsageRow, 'meter' | 'customer' | 'dimensions'>;

/** Texts of dimensions whose lines are remembered; beyond, all are forgotten and found again. */
const KNOWN_MAX = 10_000;

/**
 * Which lines, by their places, count a row: those of its meter that ask, in each dimension that they name, for the value that it
 * has. Rows have few different dimensions: the lines of each text are found once.
 */
export function lineMatcher(lines: readonly Line[]): (row: Row) => readonly number[] {
  const numbered = lines.map((line, place) => ({ ...line, place }));
  const byMeter = Map.groupBy(numbered, ({ meter }) => meter);
  const isByCustomer = lines.some(({ filters }) => Object.hasOwn(filters, 'customer'));
  const known = new Map<string, readonly number[]>();
  return (row) => {
    const { meter, customer, dimensions } = row;
    const key = `${meter}#${isByCustomer ? JSON.stringify(customer) : ''}#${dimensions}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const values = new Map<string, string>(Object.entries(JSON.parse(dimensions)));
    values.set('customer', customer);
    const found = (byMeter.get(meter) ?? []).filter(({ filters }) => hasAll(values, filters));
    if (known.size >= KNOWN_MAX) known.clear();
    const places = found.map(({ place }) => place);
    known.set(key, places);
    return places;
  };
}

function hasAll(values: ReadonlyMap<string, string>, filters: Line['filters']): boolean {
  return Object.entries(filters).every(([name, asked]) => {
    const value = values.get(name);
    return value !== undefined && asked.includes(value);
  });
}
