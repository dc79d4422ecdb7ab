import type { IngestAnswer, IngestResult } from '../../contracts/event.ts';
import { TABLES } from '../../contracts/names.ts';
import type { UsageEvent } from '../../domain/events/event.ts';
import { appError, type FieldIssue } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { ConfigurationDeps } from '../commit.ts';
import { parseEvent } from '../ingest/parse-event.ts';
import { type BackfillRecord, backfillToItem } from '../records/backfill.ts';
import { backfillBatchKey, backfillBatchToItem } from '../records/backfill-batch.ts';
import { putBatch } from './batch-file.ts';
import { readBackfill } from './read-backfills.ts';

interface AddEventsInput {
  readonly tenant: string;
  readonly id: string;
  readonly events: readonly unknown[];
}

/**
 * Keeps events for a backfill; counts nothing yet. Answers for each, as ingest does: what is wrong is left out. Sent again they
 * are kept twice and counted once. Errors `backfill.not_found`, `backfill.not_collecting`, `backfill.too_large`.
 */
export function addBackfillEvents(
  deps: ConfigurationDeps & { readonly objects: ObjectStore },
): (input: AddEventsInput) => Promise<Result<IngestAnswer>> {
  return async ({ tenant, id, events }) => {
    for (let attempt = 1; attempt <= LIMITS.catalogueAttempts; attempt += 1) {
      const found = await readBackfill(deps.items, { tenant, id });
      if (!found.ok) return found;
      const backfill = found.value;
      if (backfill.state !== 'collecting') return err(appError('backfill.not_collecting'));
      const parsed = events.map((value) => parse(value, backfill));
      const accepted = parsed.flatMap((event) => (event.ok ? [event.value] : []));
      if (backfill.events + accepted.length > LIMITS.backfillEvents) {
        return err(
          appError('backfill.too_large', `A backfill holds at most ${LIMITS.backfillEvents} events.`),
        );
      }
      if (accepted.length === 0 || (await add(deps, { tenant, backfill, accepted }))) {
        return ok(answer(parsed, events));
      }
    }
    return err(appError('service.unavailable'));
  };
}

function parse(value: unknown, { fromMs, toMs }: BackfillRecord): Result<UsageEvent, FieldIssue> {
  // The end stands for the present: a default time would be wrong, and one beyond it is refused below.
  const parsed = parseEvent({ value, nowMs: toMs, window: 'any_past' });
  if (!parsed.ok) return parsed;
  const { timeMs, timeSent } = parsed.value;
  const isInRange = timeSent && timeMs >= fromMs && timeMs < toMs;
  return isInRange
    ? parsed
    : err({
        path: 'time',
        code: 'backfill.time_out_of_range',
        message: 'must be in the range of the backfill',
      });
}

async function add(
  deps: ConfigurationDeps & { readonly objects: ObjectStore },
  input: {
    readonly tenant: string;
    readonly backfill: BackfillRecord;
    readonly accepted: readonly UsageEvent[];
  },
): Promise<boolean> {
  const { tenant, backfill, accepted } = input;
  const batch = deps.ids.uuid();
  await putBatch(deps.objects, { tenant, backfill: backfill.id, batch }, accepted);
  const batches = backfill.batches + 1;
  const next: BackfillRecord = { ...backfill, batches, events: backfill.events + accepted.length };
  const key = backfillBatchKey(tenant, backfill.id, batches);
  const written = await deps.items.transact([
    { op: 'put', table: TABLES.main, item: backfillToItem(tenant, next), condition: isAsRead(backfill) },
    {
      op: 'put',
      table: TABLES.main,
      item: backfillBatchToItem(key, { batch, receivedAtMs: deps.clock.nowMs() }),
    },
  ]);
  return written.ok;
}

export function isAsRead({ state, batches }: BackfillRecord) {
  return {
    kind: 'all',
    of: [
      { kind: 'equal', name: 'state', value: state },
      { kind: 'equal', name: 'batches', value: batches },
    ],
  } as const;
}

function answer(parsed: readonly Result<UsageEvent, FieldIssue>[], events: readonly unknown[]): IngestAnswer {
  const results = parsed.map((event, index): IngestResult => {
    const value = events[index];
    const sent = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
    const id = typeof sent === 'string' ? { id: sent.slice(0, LIMITS.eventIdLength) } : {};
    if (event.ok) return { index, ...id, status: 'accepted' };
    const { code, path: field, message } = event.error;
    return { index, ...id, status: 'rejected', code, field, message };
  });
  const accepted = parsed.filter(({ ok: isOk }) => isOk).length;
  return { accepted, rejected: parsed.length - accepted, retry: 0, results };
}
