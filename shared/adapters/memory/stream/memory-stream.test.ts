import { describe, expect, it } from 'vitest';
import { createMemoryStream } from './memory-stream.ts';

const clock = { nowMs: () => 0, sleep: async () => undefined };
const record = (partitionKey: string) => ({ partitionKey, data: new TextEncoder().encode(partitionKey) });
const KEYS = Array.from({ length: 40 }, (_, index) => `key-${index}`);

describe('resharding the twin', () => {
  it('closes all shards: they keep what they hold, and their children take the rest at higher positions', async () => {
    const stream = createMemoryStream({ shards: 2, clock });
    const before = await stream.putRecords(KEYS.map(record));
    stream.reshard(3);
    const after = await stream.putRecords(KEYS.map(record));
    const parents = stream.lineage().filter(({ isOpen }) => !isOpen);
    const children = stream.lineage().filter(({ isOpen }) => isOpen);
    expect([parents.length, children.length]).toEqual([2, 3]);
    for (const child of children) expect(child.parents).toEqual(parents.map(({ shardId }) => shardId));
    const shardsOf = (results: typeof before) =>
      new Set(results.flatMap((result) => (result.ok ? [result.shardId] : [])));
    expect(shardsOf(before)).toEqual(new Set(parents.map(({ shardId }) => shardId)));
    expect(shardsOf(after)).toEqual(new Set(children.map(({ shardId }) => shardId)));
    const held = await Promise.all(
      stream.lineage().map(({ shardId }) => stream.read({ shardId, limit: 1_000 })),
    );
    expect(held.flat()).toHaveLength(2 * KEYS.length);
    const positions = [...before, ...after].map((result) => (result.ok ? Number(result.sequenceNumber) : 0));
    expect(positions).toEqual(positions.toSorted((left, right) => left - right));
  });

  it('names no shard twice, also when there are fewer than before', () => {
    const stream = createMemoryStream({ shards: 4, clock });
    stream.reshard(1);
    stream.reshard(2);
    const names = stream.lineage().map(({ shardId }) => shardId);
    expect(new Set(names).size).toBe(7);
  });
});
