import { assert } from '../../kernel/assert.ts';
import type { Period } from '../../kernel/period.ts';
import { recurrencePeriodAt } from '../../kernel/recurrence.ts';
import { type PublishedVersion, versionAt } from '../catalog/version-at.ts';
import type { BillingPeriod, SubscriptionTerms } from './subscription.ts';

/** A stretch of a period under one plan version. `full` is the whole period that fixed amounts are prorated by. */
export interface Segment extends Period {
  readonly version: number;
  readonly full: Period;
}

/** From when on a version holds. */
interface VersionChange {
  readonly version: number;
  readonly fromMs: number;
}

/**
 * The period cut where the plan version changes: half-open, ascending, together the whole period. `versions` are all
 * published ones of the plan, ascending; a pinned subscription takes no notice of them.
 */
export function segmentsOf(input: {
  readonly subscription: SubscriptionTerms;
  readonly versions: readonly PublishedVersion[];
  readonly period: BillingPeriod;
}): readonly Segment[] {
  const { period } = input;
  const changes = versionChanges(input.subscription, input.versions);
  const segments = changes.flatMap(({ version, fromMs }, index): Segment[] => {
    const untilMs = changes[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
    const startMs = Math.max(fromMs, period.startMs);
    const endMs = Math.min(untilMs, period.endMs);
    return startMs < endMs ? [{ version, startMs, endMs, full: period.full }] : [];
  });
  assert(segments[0]?.startMs === period.startMs, 'the segments begin with the period');
  assert(segments.at(-1)?.endMs === period.endMs, 'the segments end with the period');
  return segments;
}

/** The versions that ever hold, each with its first instant, ascending in both; the first one from the start on. */
function versionChanges(
  subscription: SubscriptionTerms,
  versions: readonly PublishedVersion[],
): readonly VersionChange[] {
  const { startsAtMs } = subscription;
  if (subscription.version !== null) return [{ version: subscription.version, fromMs: startsAtMs }];
  const first = versionAt(versions, startsAtMs);
  let changes: VersionChange[] = [{ version: first.version, fromMs: startsAtMs }];
  for (const later of versions.filter(({ version }) => version > first.version)) {
    const fromMs = takenUpMs(subscription, later);
    assert(fromMs > startsAtMs, 'what was in effect at the start is no later version');
    // A newer version that came first leaves nothing to an older one that was still waiting for a boundary.
    changes = [...changes.filter((change) => change.fromMs < fromMs), { version: later.version, fromMs }];
  }
  return changes;
}

/** At once, or at the first boundary that is not before the version takes effect. */
function takenUpMs(subscription: SubscriptionTerms, { apply, effectiveFromMs }: PublishedVersion): number {
  if (apply === 'immediately') return effectiveFromMs;
  const { startMs, endMs } = recurrencePeriodAt(subscription, effectiveFromMs);
  return startMs === effectiveFromMs ? startMs : endMs;
}
