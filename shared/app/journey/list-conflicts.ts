import { eventKey } from '../../domain/events/event.ts';
import type { EventRow, ResendRow } from '../../domain/metering/rows.ts';
import type { AnalyticsReader } from '../../ports/analytics.ts';

/** A delivery that differs from the event that counts; null where nothing counts, for a revoke came before the event. */
export interface Conflict {
  readonly conflict: ResendRow;
  readonly counted: EventRow | null;
}

/** Newest first, each beside the event as it stands. */
export function listConflicts(deps: {
  readonly analytics: Pick<AnalyticsReader, 'conflicts' | 'standingEvents'>;
}): (query: Parameters<AnalyticsReader['conflicts']>[0]) => Promise<readonly Conflict[]> {
  return async (query) => {
    const rows = await deps.analytics.conflicts(query);
    if (rows.length === 0) return [];
    const identities = [...new Map(rows.map((row) => [eventKey(row), row])).values()];
    const standing = await deps.analytics.standingEvents({ tenant: query.tenant, identities });
    const counted = new Map(standing.map(({ event }) => [eventKey(event), event]));
    return rows.map((conflict) => ({ conflict, counted: counted.get(eventKey(conflict)) ?? null }));
  };
}
