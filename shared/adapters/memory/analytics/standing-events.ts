import { compareUtf8 } from '../../../domain/metering/group-order.ts';
import type { EventRow, UsageRow } from '../../../domain/metering/rows.ts';
import { assert, defined } from '../../../kernel/assert.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { AnalyticsReader, StandingEvent } from '../../../ports/analytics.ts';
import type { Tables } from './tables.ts';

/** Every event as its row with the greatest link has it, with what counts of it. */
export function foldStandingEvents(
  { events, usage }: Tables['rows'],
  { tenant, identities }: Parameters<AnalyticsReader['standingEvents']>[0],
): readonly StandingEvent[] {
  assert(identities.length > 0 && identities.length <= LIMITS.jobPageEvents, 'a page of a job has events');
  const asked = new Set(identities.map(keyOf));
  const isAsked = (row: EventRow | UsageRow) => row.tenant === tenant && asked.has(keyOf(row));
  const rows = Map.groupBy(usage.filter(isAsked), keyOf);
  const stored = Map.groupBy(
    events.filter((row) => isAsked(row) && row.status !== 'superseded'),
    keyOf,
  );
  return [...stored]
    .map(([key, versions]) => ({
      event: defined(
        versions.toSorted((a, b) => b.link - a.link || compareUtf8(a.chunk, b.chunk))[0],
        'a row',
      ),
      rows: standing(rows.get(key) ?? []),
    }))
    .sort((a, b) => compareUtf8(a.event.source, b.event.source) || compareUtf8(a.event.id, b.event.id));
}

function standing(rows: readonly UsageRow[]): StandingEvent['rows'] {
  const counted = Map.groupBy(rows, (row) => JSON.stringify(contentOf(row)));
  return [...counted]
    .filter(([, same]) => same.reduce((net, { sign }) => net + sign, 0) > 0)
    .map(([, same]) => ({
      ...contentOf(defined(same[0], 'a row')),
      fence: Math.max(...same.map(({ fence }) => fence)),
    }))
    .sort((a, b) => compareUtf8(a.meter, b.meter) || a.meterVersion - b.meterVersion || a.timeMs - b.timeMs);
}

function contentOf({ meter, meterVersion, customer, timeMs, quantity, uniqueKey, dimensions }: UsageRow) {
  return { meter, meterVersion, customer, timeMs, quantity, uniqueKey, dimensions };
}

function keyOf({ source, id }: { readonly source: string; readonly id: string }): string {
  return JSON.stringify([source, id]);
}
