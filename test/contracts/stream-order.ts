import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defined } from '../../shared/kernel/assert.ts';
import { compareSequence } from '../../shared/ports/event-stream.ts';
import {
  bytesOf,
  endsOf,
  putAll,
  putMarker,
  readKeys,
  readShard,
  type StreamUnderTest,
  textOf,
  uniqueKey,
} from './stream-builders.ts';

export function describeStreamOrder({ stream, runs }: StreamUnderTest): void {
  describe('order', () => {
    it('keeps the very bytes of a record, its key, and a time of arrival', async () => {
      const from = endsOf(stream());
      const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
      const partitionKey = `${uniqueKey()} ä😀`;
      const records = [everyByte, new Uint8Array(), bytesOf('text')].map((data) => ({ partitionKey, data }));
      const written = await putAll(stream(), records);
      const read = await readKeys(stream(), [partitionKey], from);
      expect(read.map((record) => [...record.data])).toEqual(records.map((record) => [...record.data]));
      expect(read.map((record) => record.sequenceNumber)).toEqual(written.map((at) => at.sequenceNumber));
      for (const { arrivedAtMs } of read) expect(arrivedAtMs).toSatisfy(Number.isSafeInteger);
    });

    it('does not change when those who wrote or read change their bytes', async () => {
      const from = endsOf(stream());
      const partitionKey = uniqueKey();
      const data = bytesOf('kept');
      await putAll(stream(), [{ partitionKey, data }]);
      data.fill(0);
      const first = await readKeys(stream(), [partitionKey], from);
      expect(first.map((record) => textOf(record.data))).toEqual(['kept']);
      for (const record of first) record.data.fill(0);
      const again = await readKeys(stream(), [partitionKey], from);
      expect(again.map((record) => textOf(record.data))).toEqual(['kept']);
    });

    it('is that of the calls for each partition key, which stays in one shard', async () => {
      const batches = fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 6 }), {
        minLength: 1,
        maxLength: 8,
      });
      const property = fc.asyncProperty(batches, async (drawn) => {
        const from = endsOf(stream());
        const run = uniqueKey();
        const keyOf = (key: number) => `${run}.${key}`;
        let counted = 0;
        const put: { key: string; text: string }[] = [];
        for (const batch of drawn) {
          const records = batch.map((key) => ({ key: keyOf(key), text: String(counted++) }));
          put.push(...records);
          await putAll(
            stream(),
            records.map(({ key, text }) => ({ partitionKey: key, data: bytesOf(text) })),
          );
        }
        const keys = [0, 1, 2, 3, 4].map(keyOf);
        const read = await readKeys(stream(), keys, from);
        for (const key of keys) {
          const mine = read.filter((record) => record.partitionKey === key);
          expect(mine.map((record) => textOf(record.data))).toEqual(
            put.filter((record) => record.key === key).map((record) => record.text),
          );
          expect(new Set(mine.map((record) => record.shardId)).size).toBeLessThanOrEqual(1);
        }
      });
      await fc.assert(property, { numRuns: runs });
    });

    it('has every record of callers at the same time once, where its answer said', async () => {
      const callers = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 8 });
      const property = fc.asyncProperty(callers, async (sizes) => {
        const from = endsOf(stream());
        const run = uniqueKey();
        const keys = sizes.map((_, caller) => `${run}.${caller}`);
        const answers = await Promise.all(
          sizes.map(async (size, caller) => {
            const texts = Array.from({ length: size }, (_, index) => `${caller}.${index}`);
            const partitionKey = `${run}.${caller}`;
            const written = await putAll(
              stream(),
              texts.map((text) => ({ partitionKey, data: bytesOf(text) })),
            );
            return texts.map((text, index) => ({ text, at: defined(written[index], 'the answer') }));
          }),
        );
        const expected = new Map(
          answers.flat().map(({ text, at }) => [`${at.shardId} ${at.sequenceNumber}`, text]),
        );
        expect(expected.size).toBe(answers.flat().length);
        const read = await readKeys(stream(), keys, from);
        expect(
          new Map(read.map((one) => [`${one.shardId} ${one.sequenceNumber}`, textOf(one.data)])),
        ).toEqual(expected);
        expect(read).toHaveLength(expected.size);
      });
      await fc.assert(property, { numRuns: runs });
    });

    it('reads from any position exactly the rest, in pages of any size', async () => {
      const property = fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 30 }), async (start, limit) => {
        const partitionKey = uniqueKey();
        const marker = await putMarker(stream(), partitionKey);
        const texts = Array.from({ length: 25 }, (_, index) => String(index));
        const written = await putAll(
          stream(),
          texts.map((text) => ({ partitionKey, data: bytesOf(text) })),
        );
        const { shardId, sequenceNumber } = defined([marker, ...written][start % 26], 'a position');
        const read = await readShard(stream(), { shardId, after: sequenceNumber, limit });
        expect(
          read.filter((record) => record.partitionKey === partitionKey).map((r) => textOf(r.data)),
        ).toEqual(texts.slice(start % 26));
      });
      await fc.assert(property, { numRuns: runs });
    });

    it('puts positions in the order of writing, also where they get longer', async () => {
      const partitionKey = uniqueKey();
      const positions: string[] = [];
      for (let index = 0; index < 12; index += 1)
        positions.push((await putMarker(stream(), partitionKey)).sequenceNumber);
      expect([...positions].reverse().sort(compareSequence)).toEqual(positions);
    });
  });
}
