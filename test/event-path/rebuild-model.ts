import type { Aggregation } from '../../shared/domain/metering/usage-read.ts';

/** An event as a client last had it. */
export interface ModelEvent {
  readonly id: string;
  readonly type: 'used';
  readonly customer: string;
  readonly time: string;
  readonly properties: { readonly amount: number; readonly user: string; readonly region: string };
}

export const AGGREGATIONS: readonly Aggregation[] = [
  'count',
  'sum',
  'min',
  'max',
  'avg',
  'latest',
  'unique_count',
];

/** One meter an aggregation, named like it. */
export function meterOf(aggregation: Aggregation): object {
  const value = aggregation === 'unique_count' ? '$.user' : '$.amount';
  const groupBy = { region: '$.region' };
  const definition = { key: aggregation, eventType: 'used', aggregation, groupBy };
  return aggregation === 'count' ? definition : { ...definition, value };
}

/** What the events come to, added up here and not by the product. */
export function expectedValue(events: readonly ModelEvent[], aggregation: Aggregation): string | null {
  const amounts = events.map(({ properties }) => properties.amount);
  const sum = amounts.reduce((total, amount) => total + amount, 0);
  switch (aggregation) {
    case 'count':
      return String(events.length);
    case 'sum':
      return String(sum);
    case 'unique_count':
      return String(new Set(events.map(({ properties }) => properties.user)).size);
    case 'min':
      return events.length === 0 ? null : String(Math.min(...amounts));
    case 'max':
      return events.length === 0 ? null : String(Math.max(...amounts));
    case 'avg':
      return events.length === 0 ? null : quotient(sum, events.length);
    case 'latest': {
      const latest = events.toSorted((a, b) => compare(a.time, b.time) || compare(a.id, b.id)).at(-1);
      return latest === undefined ? null : String(latest.properties.amount);
    }
  }
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

const SCALE = 10n ** 12n;

/** Of whole numbers that are not negative, to 12 places, half up. */
function quotient(sum: number, count: number): string {
  const scaled = (2n * BigInt(sum) * SCALE + BigInt(count)) / (2n * BigInt(count));
  const places = String(scaled % SCALE)
    .padStart(12, '0')
    .replace(/0+$/, '');
  return `${scaled / SCALE}${places === '' ? '' : `.${places}`}`;
}
