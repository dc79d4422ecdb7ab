import type { Analytics } from '../../shared/ports/analytics.ts';
import { describeInserts } from './analytics-inserts.ts';
import { describeLists } from './analytics-lists.ts';
import { describeRandomUsage } from './analytics-random-usage.ts';
import { describeUsage } from './analytics-usage.ts';

export interface AnalyticsUnderTest {
  /** One store for all tests of a file: each takes a tenant and chunks of its own. */
  readonly analytics: () => Analytics;
  /** Runs of each property. */
  readonly runs: number;
}

/** What every implementation of the port must do. */
export function analyticsContract(subject: AnalyticsUnderTest): void {
  describeInserts(subject);
  describeUsage(subject);
  describeLists(subject);
  describeRandomUsage(subject);
}
