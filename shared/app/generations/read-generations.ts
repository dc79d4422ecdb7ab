import { LRUCache } from 'lru-cache';
import { TABLES } from '../../contracts/names.ts';
import { type GenerationOf, generationAt, utcDayOf } from '../../domain/metering/generations.ts';
import { defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { queryAll } from '../query-all.ts';
import { dayPrefix, generationFromItem, generationsPartition } from '../records/generation.ts';

/** Rows that a plan is about to have. */
export type PlannedTime = Omit<Parameters<GenerationOf>[0], 'meter'>;

type Generations = ReadonlyMap<string, number>;
const NONE: Generations = new Map();

/**
 * Reads which generations the rows of a plan are of, strongly consistent, after the revision that it is made with: what is
 * known of a revision never changes, so it is read once a tenant, revision and day.
 */
export function createGenerationsReader(deps: { readonly items: ItemStore }) {
  const known = new LRUCache<string, Generations>({ max: LIMITS.generationDaysKept });

  async function read(tenant: string, revision: number, dayMs: number): Promise<Generations> {
    const query = {
      table: TABLES.main,
      pk: generationsPartition(tenant),
      sk: { prefix: dayPrefix(dayMs) },
    } as const;
    const found = (await queryAll(deps.items, query)).map(generationFromItem);
    if (found.length === 0) return NONE;
    return new Map(found.map(({ meter, entries }) => [meter, generationAt(entries, revision)]));
  }

  return async (times: Iterable<PlannedTime>): Promise<GenerationOf> => {
    const days = new Map<string, Generations>();
    for (const time of times) {
      const key = keyOf(time);
      if (days.has(key)) continue;
      const { tenant, revision, timeMs } = time;
      const generations = known.get(key) ?? (await read(tenant, revision, utcDayOf(timeMs)));
      known.set(key, generations);
      days.set(key, generations);
    }
    return (row) => defined(days.get(keyOf(row)), 'the generations of a planned day').get(row.meter) ?? 0;
  };
}

export type GenerationsReader = ReturnType<typeof createGenerationsReader>;

function keyOf({ tenant, revision, timeMs }: PlannedTime): string {
  return `${utcDayOf(timeMs)}#${revision}#${tenant}`;
}
