import { TABLES } from '../../contracts/names.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { type MeterRecord, meterToItem } from '../records/meter.ts';
import { readMeter } from './read-meter.ts';

interface PatchMeterInput {
  readonly tenant: string;
  readonly key: string;
  readonly ifMatch: number;
  readonly changes: Partial<Pick<MeterRecord, 'name' | 'unit' | 'metadata'>>;
}

/**
 * Changes what does not count: the definition of a meter never changes, so the catalogue revision stays. Errors
 * `meter.not_found`, `request.precondition_failed`.
 */
export function patchMeter(deps: {
  readonly items: ItemStore;
}): (input: PatchMeterInput) => Promise<Result<MeterRecord>> {
  return async (input) => {
    const current = await readMeter({ items: deps.items, tenant: input.tenant, key: input.key });
    if (!current.ok) return current;
    const next: MeterRecord = { ...current.value, ...input.changes, etag: input.ifMatch + 1 };
    if (current.value.etag !== input.ifMatch) return err(appError('request.precondition_failed'));
    const written = await deps.items.put({
      table: TABLES.main,
      item: meterToItem(input.tenant, next),
      condition: { kind: 'equal', name: 'etag', value: input.ifMatch },
    });
    return written.ok ? ok(next) : err(appError('request.precondition_failed'));
  };
}
