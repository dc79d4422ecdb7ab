import { eventKey } from '../../domain/events/event.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { AnalyticsReader, StandingEvent } from '../../ports/analytics.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { readBatch } from '../backfills/read-backfills.ts';
import { eventVersion } from '../consume/chains/chain-base.ts';
import type { PageLine } from '../consume/page-file.ts';
import { findPlan } from '../consume/plan-file.ts';
import type { JobRecord } from '../records/job.ts';
import { pageChunk } from './page-names.ts';

interface BackfillPageDeps {
  readonly items: ItemStore;
  readonly objects: ObjectStore;
  readonly analytics: Pick<AnalyticsReader, 'standingEvents'>;
}

type ApplySubject = Extract<JobRecord['subject'], { kind: 'backfill_apply' }>;

/**
 * The events of the next batch. Claims know what was sent within their horizon; beyond it the tables do: what is stored there
 * comes as a resend of it. Null after the last batch.
 */
export async function applyPage(
  deps: BackfillPageDeps,
  job: JobRecord,
  { backfill, batches }: ApplySubject,
): Promise<readonly PageLine[] | null> {
  const number = job.pages + 1;
  if (number > batches) return null;
  const { tenant } = job;
  const { events, receivedAtMs } = await readBatch(deps, { tenant, backfill, number });
  const known = await readStanding(deps, tenant, events);
  return events.map((event): PageLine => {
    const stored = known.get(eventKey(event));
    if (stored === undefined) return { kind: 'event', event, receivedAtMs };
    const owner = { chunk: stored.event.chunk, fingerprint: stored.event.fingerprint };
    return { kind: 'resend', event, receivedAtMs, owner };
  });
}

/** What a batch, as it was counted, owns: taken back as it is by now. */
export async function revertPage(
  deps: BackfillPageDeps,
  job: JobRecord,
  applied: { readonly job: JobRecord; readonly batches: number },
): Promise<readonly PageLine[] | null> {
  const number = job.pages + 1;
  if (number > applied.batches) return null;
  // The job that counted was canceled before it came to this batch.
  const plan = await findPlan(deps.objects, pageChunk(applied.job, number));
  const owned = plan?.rows.events ?? [];
  const standing = await readStanding(deps, job.tenant, owned);
  return [...standing.values()].map(({ event, rows }): PageLine => {
    const { source, id, link: eventLink } = event;
    const found = { shown: eventVersion(event), rows };
    return {
      kind: 'recount',
      recount: { source, id, job: job.id, scope: { kind: 'revert' }, found, eventLink },
    };
  });
}

async function readStanding(
  { analytics }: BackfillPageDeps,
  tenant: string,
  identities: readonly { readonly source: string; readonly id: string }[],
): Promise<ReadonlyMap<string, StandingEvent>> {
  const found = new Map<string, StandingEvent>();
  const unique = [...new Map(identities.map((identity) => [eventKey(identity), identity])).values()];
  for (let from = 0; from < unique.length; from += LIMITS.jobPageEvents) {
    const asked = unique.slice(from, from + LIMITS.jobPageEvents);
    for (const standing of await analytics.standingEvents({ tenant, identities: asked })) {
      found.set(eventKey(standing.event), standing);
    }
  }
  return found;
}
