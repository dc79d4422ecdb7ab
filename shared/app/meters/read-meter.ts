import { TABLES } from '../../contracts/names.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { Page, PageRequest } from '../page.ts';
import { type MeterRecord, meterFromItem, meterKey, metersPartition } from '../records/meter.ts';

/** Error `meter.not_found`. */
export async function readMeter(input: {
  readonly items: ItemStore;
  readonly tenant: string;
  readonly key: string;
}): Promise<Result<MeterRecord>> {
  const item = await input.items.get({ table: TABLES.main, key: meterKey(input.tenant, input.key) });
  return item === undefined ? err(appError('meter.not_found')) : ok(meterFromItem(item));
}

/** By key. */
export function listMeters(deps: {
  readonly items: ItemStore;
}): (request: PageRequest & { readonly tenant: string }) => Promise<Page<MeterRecord>> {
  return async ({ tenant, ...request }) => {
    const page = await deps.items.query({ table: TABLES.main, pk: metersPartition(tenant), ...request });
    return {
      records: page.items.map(meterFromItem),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  };
}
