import type { ChangeRow, EventRow, QuarantineRow } from '../../domain/metering/rows.ts';
import { appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { AnalyticsReader } from '../../ports/analytics.ts';

export interface JourneyDeps {
  readonly analytics: AnalyticsReader;
}

/** What became of an event. */
export interface EventJourney {
  readonly event: EventRow;
  readonly meters: readonly { readonly meter: string; readonly quantity: string }[];
  /** What became of it after that, newest first. */
  readonly changes: readonly ChangeRow[];
  /** Why meters did not count it. */
  readonly quarantine: readonly QuarantineRow[];
}

/** Without a source the id must be unique: else `event.ambiguous_id` naming sources. Error `event.not_found`. */
export function readJourney(
  deps: JourneyDeps,
): (input: {
  readonly tenant: string;
  readonly id: string;
  readonly source?: string;
}) => Promise<Result<EventJourney>> {
  return async (input) => {
    const found = await deps.analytics.events({ ...input, limit: LIMITS.pageSizeMax });
    const sources = [...new Set(found.map(({ source }) => source))];
    if (sources.length > 1) {
      return err(
        appError('event.ambiguous_id', `Name one of the sources with ?source=: ${sources.join(', ')}.`),
      );
    }
    const [event] = found;
    if (event === undefined) return err(appError('event.not_found'));
    const { tenant, source, id } = event;
    const [meters, changes, quarantine] = await Promise.all([
      deps.analytics.metersOfEvent({ tenant, source, id }),
      deps.analytics.changes({ tenant, id, limit: LIMITS.pageSizeMax }),
      deps.analytics.quarantine({ tenant, id, limit: LIMITS.pageSizeMax }),
    ]);
    const isOf = (row: { readonly source: string }) => row.source === source;
    return ok({ event, meters, changes: changes.filter(isOf), quarantine: quarantine.filter(isOf) });
  };
}
