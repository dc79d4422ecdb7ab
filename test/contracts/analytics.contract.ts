import type { AnalyticsUnderTest } from './analytics-builders.ts';
import { describeChanges } from './analytics-changes.ts';
import { describeDuplicates } from './analytics-duplicates.ts';
import { describeEvidence } from './analytics-evidence.ts';
import { describeGenerations } from './analytics-generations.ts';
import { describeInserts } from './analytics-inserts.ts';
import { describeLists } from './analytics-lists.ts';
import { describePriced } from './analytics-priced.ts';
import { describeRandomSnapshots } from './analytics-random-snapshots.ts';
import { describeRandomUsage } from './analytics-random-usage.ts';
import { describeRollups } from './analytics-rollups.ts';
import { describeSnapshots } from './analytics-snapshots.ts';
import { describeUsage } from './analytics-usage.ts';

/** What every implementation of the port must do. */
export function analyticsContract(subject: AnalyticsUnderTest): void {
  describeInserts(subject);
  describeUsage(subject);
  describeLists(subject);
  describeChanges(subject);
  describeRollups(subject);
  describeGenerations(subject);
  describeRandomUsage(subject);
  describeSnapshots(subject);
  describeEvidence(subject);
  describeDuplicates(subject);
  describeRandomSnapshots(subject);
  describePriced(subject);
}
