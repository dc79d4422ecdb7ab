import type { ChainBase, EventVersion, StandingRow } from '../../../domain/corrections/chain.ts';
import type { UsageEvent } from '../../../domain/events/event.ts';
import type { EventRow, UsageRow } from '../../../domain/metering/rows.ts';
import type { AnalyticsReader } from '../../../ports/analytics.ts';
import type { EventIdentity } from '../../../ports/claims.ts';
import type { ObjectStore } from '../../../ports/object-store.ts';
import { StoreError } from '../../../ports/store-error.ts';
import { findPlan } from '../plan-file.ts';
import { getStagedChunk } from '../staged-chunk.ts';

export interface ChainBaseDeps {
  readonly objects: ObjectStore;
  readonly analytics: Pick<AnalyticsReader, 'standingEvents'>;
  /** Takes another chunk on as far as it goes; never throws. */
  readonly driveOn: (chunk: string) => Promise<void>;
}

/**
 * What an event's first plan counted, where its claim is `owner`'s. Nothing where no chunk holds the event itself: then a
 * correction came first and stands for it. Throws StoreError while the owner has not planned yet.
 */
export async function readBase(
  deps: ChainBaseDeps,
  input: { readonly chunk: string; readonly owner: string; readonly identity: EventIdentity },
): Promise<ChainBase> {
  const { chunk, owner, identity } = input;
  if (owner !== chunk && (await holdsEvent(deps.objects, owner, identity))) {
    const plan = await planOf(deps, owner);
    const event = plan.rows.events.find((row) => isOf(row, identity));
    return {
      rows: plan.rows.usage.filter((row) => isOf(row, identity)).map(toStanding),
      shown: event === undefined ? null : eventVersion(event),
    };
  }
  // A claim that expired is won anew: the tables still know the event.
  const { tenant, source, id } = identity;
  const [stored] = await deps.analytics.standingEvents({ tenant, identities: [{ source, id }] });
  return stored === undefined
    ? { rows: [], shown: null }
    : { rows: stored.rows, shown: eventVersion(stored.event) };
}

async function holdsEvent(objects: ObjectStore, chunk: string, identity: EventIdentity): Promise<boolean> {
  const { entries } = await getStagedChunk(objects, chunk);
  return entries.some(
    (entry) => entry.kind === 'event' && isOf({ ...entry.event, tenant: entry.tenant }, identity),
  );
}

async function planOf(deps: ChainBaseDeps, owner: string) {
  const planned = await findPlan(deps.objects, owner);
  if (planned !== null) return planned;
  await deps.driveOn(owner);
  const driven = await findPlan(deps.objects, owner);
  if (driven !== null) return driven;
  const message = `chunk ${owner} has not planned the event that is corrected`;
  throw new StoreError({ message, outcome: 'not_done', reason: 'other' });
}

function isOf(row: EventIdentity, { tenant, source, id }: EventIdentity): boolean {
  return row.tenant === tenant && row.source === source && row.id === id;
}

function toStanding(row: UsageRow): StandingRow {
  const { meter, meterVersion, customer, timeMs, quantity, uniqueKey, dimensions, fence } = row;
  return { meter, meterVersion, customer, timeMs, quantity, uniqueKey, dimensions, fence };
}

/** The event that a row holds. */
export function eventVersion(row: EventRow): EventVersion {
  const { source, id, type, customerReference, timeMs, timeSent, receivedAtMs } = row;
  const properties: UsageEvent['properties'] = JSON.parse(row.properties);
  const event = { source, id, type, customer: customerReference, timeMs, timeSent, properties };
  const { customer, status, reason } = row;
  return { event, receivedAtMs, customer, status, reason };
}
