import { TABLES } from '../../contracts/names.ts';
import { type DayGeneration, utcDayOf } from '../../domain/metering/generations.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { queryAll } from '../query-all.ts';
import { dirtyHourFromItem, dirtyPartition } from '../records/dirty-hour.ts';
import { dayPrefix, generationFromItem, generationsPartition, isBuilding } from '../records/generation.ts';

/** Which rollups of a meter can be read. */
export interface RollupState {
  /** Starts of hours that are answered from the rows; all hours of a day that is being rebuilt are among them. */
  readonly dirtyHoursMs: readonly number[];
  /** By day, ascending; of those that were rebuilt. */
  readonly generations: readonly DayGeneration[];
}

interface MeterRange {
  readonly tenant: string;
  readonly meter: string;
  readonly fromMs: number;
  readonly toMs: number;
}

const HOUR_MS = 3_600_000;
const HOURS_A_DAY = 24;

/**
 * What is known of the hours in [fromMs, toMs), strongly consistent. Dirty hours are read before generations: one that became
 * dirty while a generation was in force, and clean again with the next, shows as a change of one or the other.
 */
export async function readRollupState(items: ItemStore, range: MeterRange): Promise<RollupState> {
  const marked = await queryAll(items, {
    table: TABLES.main,
    pk: dirtyPartition(range.tenant, range.meter),
    sk: { from: formatInstant(range.fromMs), to: formatInstant(range.toMs - 1) },
  });
  const dirty = new Set(marked.map((item) => dirtyHourFromItem(item).hourMs));
  const generations: DayGeneration[] = [];
  for (const record of await readDays(items, range)) {
    const { dayMs, current } = record;
    if (current > 0) generations.push({ dayMs, generation: current });
    if (!isBuilding(record)) continue;
    for (let hour = 0; hour < HOURS_A_DAY; hour += 1) dirty.add(dayMs + hour * HOUR_MS);
  }
  const isInside = (hourMs: number) => hourMs + HOUR_MS > range.fromMs && hourMs < range.toMs;
  return { dirtyHoursMs: [...dirty].filter(isInside).toSorted((a, b) => a - b), generations };
}

async function readDays(items: ItemStore, { tenant, meter, fromMs, toMs }: MeterRange) {
  const found = await queryAll(items, {
    table: TABLES.main,
    pk: generationsPartition(tenant),
    // The tilde comes behind every character of a meter's key.
    sk: { from: dayPrefix(utcDayOf(fromMs)), to: `${dayPrefix(utcDayOf(toMs - 1))}~` },
  });
  return found.map(generationFromItem).filter((record) => record.meter === meter);
}
