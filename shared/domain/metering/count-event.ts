import type { UsageEvent } from '../events/event.ts';
import type { CompiledMeter } from './meter.ts';
import type { EventStatus, UsageRow } from './rows.ts';

/** A tenant's configuration as read for one plan: only meters in force at `revision` are in it. */
export interface CatalogueSnapshot {
  readonly revision: number;
  readonly meters: readonly {
    readonly key: string;
    readonly version: number;
    readonly compiled: CompiledMeter;
  }[];
  /** Customer by key or subject; absent: nobody, `archived`: known but not billed. */
  readonly customers: ReadonlyMap<string, { readonly customer: string; readonly archived: boolean }>;
}

/** What one meter counts of an event. */
export type CountedRow = Pick<
  UsageRow,
  'meter' | 'meterVersion' | 'customer' | 'timeMs' | 'quantity' | 'uniqueKey' | 'dimensions'
>;

/** What a catalogue makes of an event. `customer` is '' where it is nobody's; `reason` explains a status other than counted. */
export interface CountedEvent {
  readonly customer: string;
  readonly status: EventStatus;
  readonly reason: string;
  readonly rows: readonly CountedRow[];
  /** Meters that found the event wrong. */
  readonly refusals: readonly { readonly meter: string; readonly code: string; readonly message: string }[];
}

/**
 * Every meter in force looks at the event by itself: what one finds wrong, others count. An event that is `attributedTo` a
 * customer stays so, whoever has its name today.
 */
export function countEvent(
  catalogue: CatalogueSnapshot,
  event: UsageEvent,
  attributedTo?: string,
): CountedEvent {
  const found =
    attributedTo === undefined
      ? catalogue.customers.get(event.customer)
      : { customer: attributedTo, archived: false };
  if (found === undefined || found.archived) {
    const reason = found === undefined ? 'customer.unknown' : 'customer.archived';
    return { customer: '', status: 'unattributed', reason, rows: [], refusals: [] };
  }
  const { customer } = found;
  const rows: CountedRow[] = [];
  const refusals: CountedEvent['refusals'][number][] = [];
  for (const { key: meter, version: meterVersion, compiled } of catalogue.meters) {
    const outcome = compiled.evaluate(event);
    if (outcome.kind === 'not_matched') continue;
    if (outcome.kind === 'quarantined') {
      refusals.push({ meter, code: outcome.error.code, message: outcome.error.detail });
      continue;
    }
    const { quantity, uniqueKey, dimensions } = outcome;
    rows.push({ meter, meterVersion, customer, timeMs: event.timeMs, quantity, uniqueKey, dimensions });
  }
  const [first] = refusals;
  return {
    customer,
    status: first === undefined ? 'counted' : 'quarantined',
    reason: first?.code ?? '',
    rows,
    refusals,
  };
}
