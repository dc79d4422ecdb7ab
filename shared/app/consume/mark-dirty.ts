import { TABLES } from '../../contracts/names.ts';
import type { UsageRow } from '../../domain/metering/rows.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { type DirtyHour, dirtyHourToItem, hourOf, markedBelow } from '../records/dirty-hour.ts';

/**
 * Marks the hours of these rows, so that they are answered from the rows and not from rollups. Idempotent; a mark keeps the
 * greatest catalogue revision that any plan put there, so that it outlives a rebuild which does not know that plan.
 */
export async function markHoursDirty(items: ItemStore, rows: readonly UsageRow[]): Promise<void> {
  const hours = new Map<string, DirtyHour>();
  for (const { tenant, meter, timeMs, revision } of rows) {
    const hourMs = hourOf(timeMs);
    const key = JSON.stringify([tenant, meter, hourMs]);
    const marked = hours.get(key)?.revision ?? 0;
    hours.set(key, { tenant, meter, hourMs, revision: Math.max(marked, revision) });
  }
  for (const hour of hours.values()) {
    await items.put({
      table: TABLES.main,
      item: dirtyHourToItem(hour),
      condition: markedBelow(hour.revision),
    });
  }
}
