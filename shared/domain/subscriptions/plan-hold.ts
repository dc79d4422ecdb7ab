import { EARLIEST_MS } from '../../kernel/time.ts';
import type { SubscriptionTerms } from './subscription.ts';

/**
 * Until when a customer's subscriptions take up a plan that allows one at a time. A new subscription has no end, so
 * it must start when all others have ended; later on only the latest one can be open. Instants are epoch ms.
 */
export interface PlanHold {
  /** Key of the latest subscription. */
  readonly subscription: string;
  /** From when on the plan is free; null: the latest subscription has no end. */
  readonly freeFromMs: number | null;
  /** From when on it was free before the latest one. */
  readonly earlierFreeFromMs: number;
}

/** The hold of a new subscription, null where others overlap it. `held` is that of those before, if there were any. */
export function takePlan(
  held: PlanHold | undefined,
  next: { readonly subscription: string; readonly startsAtMs: number },
): PlanHold | null {
  const freeFromMs = held === undefined ? EARLIEST_MS : held.freeFromMs;
  if (freeFromMs === null || freeFromMs > next.startsAtMs) return null;
  return { subscription: next.subscription, freeFromMs: null, earlierFreeFromMs: freeFromMs };
}

/** The hold once its latest subscription has an end. One that never had a period took nothing up. */
export function endHold(
  held: PlanHold,
  { startsAtMs, cancelAtMs }: Pick<SubscriptionTerms, 'startsAtMs'> & { readonly cancelAtMs: number },
): PlanHold {
  const hasPeriods = cancelAtMs > startsAtMs;
  return { ...held, freeFromMs: hasPeriods ? cancelAtMs : held.earlierFreeFromMs };
}
