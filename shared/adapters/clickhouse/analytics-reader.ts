import type { AnalyticsReader } from '../../ports/analytics.ts';
import type { Querier } from './querier.ts';
import { readChanges } from './queries/changes.ts';
import { readConflicts } from './queries/conflicts.ts';
import { readCustomersChanged } from './queries/customers-changed.ts';
import { readDuplicates } from './queries/duplicates.ts';
import { readEvents } from './queries/events.ts';
import { readEvidence } from './queries/evidence.ts';
import { readFoldedTotals, readStandingTotals } from './queries/fold-totals.ts';
import { readJobEvents } from './queries/job-events.ts';
import { readMetersOfEvent } from './queries/meters-of-event.ts';
import { readPriced } from './queries/priced.ts';
import { readQuarantine } from './queries/quarantine.ts';
import { readStandingEvents } from './queries/standing-events.ts';
import { readUsage } from './queries/usage.ts';
import { readUsageGroups } from './queries/usage-groups.ts';
import { readUsageSnapshots } from './queries/usage-snapshots.ts';

export function createAnalyticsReader(querier: Querier): AnalyticsReader {
  return {
    usage: readUsage(querier),
    usageGroups: readUsageGroups(querier),
    snapshotUsage: readUsageSnapshots(querier),
    evidence: readEvidence(querier),
    priced: readPriced(querier),
    customersChanged: readCustomersChanged(querier),
    duplicatesOf: readDuplicates(querier),
    events: readEvents(querier),
    quarantine: readQuarantine(querier),
    conflicts: readConflicts(querier),
    jobEvents: readJobEvents(querier),
    changes: readChanges(querier),
    standingEvents: readStandingEvents(querier),
    standingTotals: readStandingTotals(querier),
    foldedTotals: readFoldedTotals(querier),
    metersOfEvent: readMetersOfEvent(querier),
  };
}
