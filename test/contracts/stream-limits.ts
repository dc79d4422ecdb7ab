import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../shared/kernel/assert.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import type { StreamRecordInput } from '../../shared/ports/event-stream.ts';
import {
  bytesOf,
  endsOf,
  putAll,
  putMarker,
  readKeys,
  readShard,
  type StreamUnderTest,
  uniqueKey,
} from './stream-builders.ts';

const MIB = 1024 * 1024;
const record = (partitionKey: string, bytes = 1): StreamRecordInput => ({
  partitionKey,
  data: new Uint8Array(bytes),
});

export function describeStreamLimits({ stream }: StreamUnderTest): void {
  describe('limits', () => {
    it.each([
      ['500 records', () => Array.from({ length: 500 }, () => record(uniqueKey()))],
      ['a record of 1 MiB with its key', () => [record(uniqueKey(), MIB - 36)]],
      ['5 MiB in all', () => Array.from({ length: 5 }, () => record(uniqueKey(), MIB - 36))],
      ['a key of 1 character', () => [record('k')]],
      ['a key of 256 characters', () => [record('ä'.repeat(256))]],
    ])('takes %s', async (_, records) => {
      await putAll(stream(), records());
    });

    it.each([
      ['501 records', () => Array.from({ length: 501 }, () => record(uniqueKey()))],
      ['a record of more than 1 MiB with its key', () => [record(uniqueKey(), MIB - 35)]],
      [
        'more than 5 MiB in all',
        () => [...Array.from({ length: 5 }, () => record(uniqueKey(), MIB - 36)), record('k', 0)],
      ],
      ['no key', () => [record('')]],
      ['a key of 257 characters', () => [record('k'.repeat(257))]],
      ['a key that is no text', () => [record('\ud800')]],
    ])('refuses %s as a bug of the caller, and writes nothing of it', async (_, records) => {
      const from = endsOf(stream());
      const marker = uniqueKey();
      await expect(stream().putRecords([record(marker), ...records()])).rejects.toThrow(InvariantError);
      expect(await readKeys(stream(), [marker], from)).toEqual([]);
    });

    it('refuses no record at all as a bug of the caller', async () => {
      await expect(stream().putRecords([])).rejects.toThrow(InvariantError);
    });

    it('answers at most 6 MiB, and at least one record while there is one', async () => {
      const partitionKey = uniqueKey();
      const marker = await putMarker(stream(), partitionKey);
      const { shardId } = marker;
      const large = Array.from({ length: 4 }, () => record(partitionKey, MIB - 36));
      await putAll(stream(), large);
      await putAll(stream(), large);
      const read = async (after: string) => stream().read({ shardId, after, limit: 100 });
      let after = marker.sequenceNumber;
      const sizes: number[] = [];
      for (let page = await read(after); page.length > 0; page = await read(after)) {
        const bytes = page.reduce((sum, { data, partitionKey: key }) => sum + data.length + key.length, 0);
        expect(bytes).toBeLessThanOrEqual(LIMITS.streamReadBytes);
        sizes.push(...page.map(({ data }) => data.length));
        after = page.at(-1)?.sequenceNumber ?? after;
      }
      expect(sizes.filter((size) => size === MIB - 36)).toHaveLength(8);
    });

    it('answers nothing at the end, and what comes next from there', async () => {
      const partitionKey = uniqueKey();
      const { shardId, sequenceNumber } = await putMarker(stream(), partitionKey);
      const rest = await readShard(stream(), { shardId, after: sequenceNumber });
      const last = rest.at(-1)?.sequenceNumber ?? sequenceNumber;
      expect(await stream().read({ shardId, after: last, limit: 10 })).toEqual([]);
      await putAll(stream(), [{ partitionKey, data: bytesOf('next') }]);
      const next = await stream().read({ shardId, after: last, limit: 10 });
      expect(next.map((one) => one.partitionKey)).toEqual([partitionKey]);
    });

    it.each([0, 10_001, 1.5])('refuses to read %d records as a bug of the caller', async (limit) => {
      const { shardId } = await putMarker(stream(), uniqueKey());
      await expect(stream().read({ shardId, limit })).rejects.toThrow(InvariantError);
    });

    it('refuses a shard or a position that it never gave', async () => {
      const { shardId } = await putMarker(stream(), uniqueKey());
      await expect(stream().read({ shardId: 'other', limit: 1 })).rejects.toThrow();
      for (const after of ['', '01', '-1', '1e3', 'x'])
        await expect(stream().read({ shardId, after, limit: 1 })).rejects.toThrow(InvariantError);
    });
  });
}
