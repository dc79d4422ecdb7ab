import { TABLES } from '../../contracts/names.ts';
import type { UsageRow } from '../../domain/metering/rows.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { dirtyHourToItem, hourOf } from '../records/dirty-hour.ts';

/** Marks the hours of these rows, so that they are answered from the rows and not from rollups. Idempotent. */
export async function markHoursDirty(items: ItemStore, rows: readonly UsageRow[]): Promise<void> {
  const hours = new Map(
    rows.map(({ tenant, meter, timeMs }) => {
      const hourMs = hourOf(timeMs);
      return [JSON.stringify([tenant, meter, hourMs]), dirtyHourToItem(tenant, meter, hourMs)];
    }),
  );
  for (const item of hours.values()) await items.put({ table: TABLES.main, item });
}
