import type { Aggregation } from '../../../shared/domain/metering/usage-read.ts';
import { type Exact, exact } from './exact.ts';
import type { SentEvent } from './ledger.ts';

/** A meter in the words of the simulation: the auditor evaluates it for itself. */
export interface SimulatedMeter {
  readonly key: string;
  readonly eventType: string;
  readonly aggregation: Aggregation;
  /** The property that it reads. */
  readonly property: string | null;
  /** Counts only events whose property `kind` is this. */
  readonly kind: string | null;
}

/** As the API takes it. All meters group by region. */
export function definitionOf({ eventType, aggregation, property, kind }: SimulatedMeter) {
  return {
    eventType,
    aggregation,
    ...(property === null ? {} : { value: `$.${property}` }),
    ...(kind === null ? {} : { filter: `properties.kind == "${kind}"` }),
    groupBy: { region: '$.region' },
  };
}

export type Evaluated =
  | {
      readonly kind: 'counted';
      readonly quantity: Exact;
      readonly uniqueKey: string;
      readonly region: string | null;
    }
  | { readonly kind: 'not_matched' }
  | { readonly kind: 'quarantined'; readonly code: string };

const INTEGER_DIGITS = 15;

export function evaluate(meter: SimulatedMeter, event: SentEvent): Evaluated {
  const { properties } = event;
  if (event.type !== meter.eventType) return { kind: 'not_matched' };
  if (meter.kind !== null) {
    if (properties.kind === undefined) return { kind: 'quarantined', code: 'meter.filter_failed' };
    if (properties.kind !== meter.kind) return { kind: 'not_matched' };
  }
  const region = typeof properties.region === 'string' ? properties.region : null;
  if (meter.property === null) return { kind: 'counted', quantity: exact('1'), uniqueKey: '', region };
  const value = properties[meter.property];
  if (value === undefined || value === null) return { kind: 'quarantined', code: 'meter.value_missing' };
  if (meter.aggregation === 'unique_count') {
    if (value === '') return { kind: 'quarantined', code: 'meter.value_missing' };
    if (typeof value === 'object') return { kind: 'quarantined', code: 'meter.value_not_numeric' };
    return { kind: 'counted', quantity: exact('1'), uniqueKey: String(value), region };
  }
  return number(meter, value, region);
}

function number(meter: SimulatedMeter, value: unknown, region: string | null): Evaluated {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  if (!/^-?\d+(?:\.\d+)?$/.test(text)) return { kind: 'quarantined', code: 'meter.value_not_numeric' };
  const [whole = ''] = text.replace('-', '').split('.');
  if (whole.replace(/^0+/, '').length > INTEGER_DIGITS) {
    return { kind: 'quarantined', code: 'meter.value_too_many_digits' };
  }
  const quantity = exact(text);
  if (quantity < 0n && meter.aggregation !== 'sum')
    return { kind: 'quarantined', code: 'meter.value_negative' };
  return { kind: 'counted', quantity, uniqueKey: '', region };
}
