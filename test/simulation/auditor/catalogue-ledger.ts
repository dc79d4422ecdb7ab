import type { SimulatedMeter } from './meters.ts';

/** A change of configuration as its client knows it: true time, ms. `doneMs` null: it was never told that it was done. */
export interface KnownChange {
  readonly startedMs: number;
  doneMs: number | null;
}

export interface KnownCustomer {
  readonly key: string;
  readonly subjects: readonly string[];
  readonly created: KnownChange;
  archived: KnownChange | null;
}

export interface KnownMeter {
  /** As it was last asked to be. */
  meter: SimulatedMeter;
  /** What it was before. */
  readonly former: SimulatedMeter[];
  readonly created: KnownChange;
  archived: KnownChange | null;
}

/** What is known of one tenant's configuration. */
export interface CatalogueLedger {
  readonly customers: KnownCustomer[];
  readonly meters: KnownMeter[];
}

/** Whether something held at the instant at which an event was planned, some time from `fromMs` on. */
export type Held = 'yes' | 'no' | 'maybe';

/** Of something that is there from a change on. */
export function heldSince(change: KnownChange | null, fromMs: number): Held {
  if (change === null) return 'no';
  return change.doneMs !== null && change.doneMs <= fromMs ? 'yes' : 'maybe';
}

/** Of a meter or a customer: that it was there, and was not archived. */
export function inForce(
  { created, archived }: Pick<KnownMeter, 'created' | 'archived'>,
  fromMs: number,
): Held {
  const isThere = heldSince(created, fromMs);
  const isGone = heldSince(archived, fromMs);
  if (isThere === 'no' || isGone === 'yes') return 'no';
  return isThere === 'yes' && isGone === 'no' ? 'yes' : 'maybe';
}

export function customerNamed(ledger: CatalogueLedger, reference: string): KnownCustomer | undefined {
  return ledger.customers.find(({ key, subjects }) => key === reference || subjects.includes(reference));
}
