import { assert } from '../kernel/assert.ts';
import { hashModulo } from '../kernel/hash.ts';
import { LIMITS } from '../kernel/limits.ts';

/** The shards of a stream of ours, named as Kinesis names them. */
export interface StreamShards {
  readonly ids: readonly string[];
  /** Which one takes the records of a key: always the same for the same number of shards. */
  ofKey(partitionKey: string): { readonly index: number; readonly shardId: string };
  indexOf(shardId: string): number;
}

/** `first` is the number of the first shard: names of shards are never used again. */
export function createStreamShards(count: number, first = 0): StreamShards {
  assert(
    Number.isInteger(count) && count >= 1 && count <= LIMITS.streamShards,
    `a stream has 1 to ${LIMITS.streamShards} shards`,
  );
  const ids = Array.from({ length: count }, (_, index) => nameOf(first + index));
  return {
    ids,
    ofKey: (partitionKey) => {
      const index = hashModulo(partitionKey, count);
      return { index, shardId: nameOf(first + index) };
    },
    indexOf: (shardId) => {
      const index = ids.indexOf(shardId);
      assert(index >= 0, `the stream has no shard ${shardId}`);
      return index;
    },
  };
}

function nameOf(index: number): string {
  return `shardId-${String(index).padStart(12, '0')}`;
}
