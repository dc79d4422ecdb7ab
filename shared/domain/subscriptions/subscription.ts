import type { Period } from '../../kernel/period.ts';
import type { Cadence } from '../../kernel/recurrence.ts';

/** What decides the periods of a subscription and the prices in them. Instants are epoch ms. */
export interface SubscriptionTerms {
  readonly startsAtMs: number;
  /** Boundaries are counted from here, on the clocks of `timeZone`; it need not be the start. */
  readonly anchorMs: number;
  readonly timeZone: string;
  readonly cadence: Cadence;
  /** The plan version that holds for ever; null: the subscription follows the plan. */
  readonly version: number | null;
  /** Where the last period ends; null: it goes on. At or before the start: there is no period. */
  readonly cancelAtMs: number | null;
}

/** A billing period. `full` is what it would be without start and end of the subscription: the base of proration. */
export interface BillingPeriod extends Period {
  readonly full: Period;
}
