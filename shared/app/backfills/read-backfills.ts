import { TABLES } from '../../contracts/names.ts';
import type { UsageEvent } from '../../domain/events/event.ts';
import { defined } from '../../kernel/assert.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { Page, PageRequest } from '../page.ts';
import {
  type BackfillRecord,
  backfillFromItem,
  backfillKey,
  backfillsPartition,
} from '../records/backfill.ts';
import { backfillBatchFromItem, backfillBatchKey } from '../records/backfill-batch.ts';
import { getBatch } from './batch-file.ts';

/** Error `backfill.not_found`. */
export async function readBackfill(
  items: ItemStore,
  { tenant, id }: { readonly tenant: string; readonly id: string },
): Promise<Result<BackfillRecord>> {
  const item = await items.get({ table: TABLES.main, key: backfillKey(tenant, id) });
  return item === undefined ? err(appError('backfill.not_found')) : ok(backfillFromItem(item));
}

/** Newest first. */
export function listBackfills(deps: {
  readonly items: ItemStore;
}): (request: PageRequest & { readonly tenant: string }) => Promise<Page<BackfillRecord>> {
  return async ({ tenant, ...request }) => {
    const query = { table: TABLES.main, pk: backfillsPartition(tenant), descending: true, ...request };
    const page = await deps.items.query(query);
    return {
      records: page.items.map(backfillFromItem),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  };
}

/** The events of the batch of this number, from 1; when they were received. */
export async function readBatch(
  deps: { readonly items: ItemStore; readonly objects: ObjectStore },
  {
    tenant,
    backfill,
    number,
  }: { readonly tenant: string; readonly backfill: string; readonly number: number },
): Promise<{ readonly events: readonly UsageEvent[]; readonly receivedAtMs: number }> {
  const key = backfillBatchKey(tenant, backfill, number);
  const item = defined(await deps.items.get({ table: TABLES.main, key }), `batch ${number} of ${backfill}`);
  const { batch, receivedAtMs } = backfillBatchFromItem(item);
  return { events: await getBatch(deps.objects, { tenant, backfill, batch }), receivedAtMs };
}
