import { z } from 'zod';
import { TABLES } from '../shared/contracts/names.ts';
import { compareSequence } from '../shared/ports/event-stream.ts';
import type { ItemStore } from '../shared/ports/item-store.ts';

/** How far each shard was handled: what the platform remembers for one consumer. */
export interface Checkpoints {
  /** The last position that was handled; undefined before the first. */
  load(shardId: string): Promise<string | undefined>;
  /** Moves the shard forward; a position behind the known one changes nothing. */
  save(shardId: string, position: string): Promise<void>;
}

const checkpointItem = z.object({ position: z.string() });

export function createCheckpoints(deps: {
  readonly items: ItemStore;
  /** Tells consumers apart, also where sources name their shards alike; the one of the stream has no name. */
  readonly consumer?: string;
}): Checkpoints {
  const { consumer } = deps;
  const ofConsumer = consumer === undefined ? 'checkpoint' : `checkpoint#${consumer}`;
  const keyOf = (shardId: string) => ({ pk: `${ofConsumer}#${shardId}`, sk: 'checkpoint' });
  const load = async (shardId: string) => {
    const item = await deps.items.get({ table: TABLES.main, key: keyOf(shardId) });
    return item === undefined ? undefined : checkpointItem.parse(item).position;
  };
  return {
    load,
    save: async (shardId, position) => {
      // Two pollers of a shard meet here at a hand-over: whoever is behind must not set it back.
      let known = await load(shardId);
      while (known === undefined || compareSequence(known, position) < 0) {
        const saved = await deps.items.put({
          table: TABLES.main,
          item: { ...keyOf(shardId), position },
          condition:
            known === undefined ? { kind: 'item_absent' } : { kind: 'equal', name: 'position', value: known },
        });
        if (saved.ok) return;
        known = await load(shardId);
      }
    },
  };
}
