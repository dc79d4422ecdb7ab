import { TABLES } from '../../contracts/names.ts';
import type { ItemStore, TransactionOperation } from '../../ports/item-store.ts';
import {
  asRead,
  type GenerationRecord,
  generationFromItem,
  generationKey,
  generationToItem,
} from '../records/generation.ts';

interface MeterDays {
  readonly tenant: string;
  readonly meter: string;
  /** Starts of UTC days, at most LIMITS.rebuildDaysMax. */
  readonly days: readonly number[];
}

/** By day; null for those that nobody has rebuilt yet. Strongly consistent. */
export async function readGenerations(
  items: ItemStore,
  { tenant, meter, days }: MeterDays,
): Promise<ReadonlyMap<number, GenerationRecord | null>> {
  const keys = days.map((dayMs) => generationKey({ tenant, meter, dayMs }));
  const found = (await items.getMany({ table: TABLES.main, keys })).map(generationFromItem);
  const byDay = new Map(found.map((record) => [record.dayMs, record]));
  return new Map(days.map((dayMs) => [dayMs, byDay.get(dayMs) ?? null]));
}

/**
 * Has plans write another generation of these days from a catalogue revision on, in the transaction that raises it. Entries
 * below `planned` are left out: no plan of a lower revision is under way.
 */
export async function nextGenerations(
  items: ItemStore,
  input: MeterDays & { readonly sinceRevision: number; readonly planned: number },
): Promise<readonly TransactionOperation[]> {
  const { tenant, meter, sinceRevision, planned } = input;
  const read = await readGenerations(items, input);
  return [...read].map(([dayMs, before]) => {
    const generation = (before?.newest ?? 0) + 1;
    const kept = (before?.entries ?? []).filter((entry) => entry.sinceRevision >= planned);
    const next: GenerationRecord = {
      ...{ tenant, meter, dayMs, flippedAtMs: before?.flippedAtMs ?? null },
      current: before?.current ?? 0,
      newest: generation,
      entries: [...kept, { generation, sinceRevision }],
    };
    return putOver(before, next);
  });
}

/** Puts a generation in force, once its rollups hold all that plans below its revision counted. */
export function flipGeneration(read: GenerationRecord, nowMs: number): TransactionOperation {
  const entries = read.entries.filter(({ generation }) => generation === read.newest);
  return putOver(read, { ...read, current: read.newest, entries, flippedAtMs: nowMs });
}

function putOver(before: GenerationRecord | null, next: GenerationRecord): TransactionOperation {
  return { op: 'put', table: TABLES.main, item: generationToItem(next), condition: asRead(before) };
}
