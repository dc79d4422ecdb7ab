import { describe, expect, it } from 'vitest';
import type { VirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import { defined } from '../../shared/kernel/assert.ts';
import type { EventStream, ReadableStream } from '../../shared/ports/event-stream.ts';
import { bytesOf, putMarker, readShard, textOf } from './stream-builders.ts';

interface TrimmedStream {
  readonly stream: EventStream & ReadableStream;
  readonly trim: (input: {
    readonly shardId: string;
    readonly before: number;
    readonly upTo: string;
  }) => Promise<number>;
}

/** How our own streams forget; Kinesis does it by itself. Each test opens a stream of one shard. */
export function streamTrimContract(subject: {
  readonly clock: VirtualClock;
  readonly open: () => Promise<TrimmedStream>;
}): void {
  const { clock } = subject;

  /** Ten records, one a second: 0, 1, 2 … */
  async function openFilled() {
    const { stream, trim } = await subject.open();
    const startMs = clock.nowMs();
    const positions: string[] = [];
    for (let index = 0; index < 10; index += 1) {
      const data = bytesOf(String(index));
      const [at] = await stream.putRecords([{ partitionKey: 'k', data }]);
      positions.push(at?.ok === true ? at.sequenceNumber : '');
      await clock.advance(1_000);
    }
    const shardId = defined((await stream.shards())[0], 'the shard');
    const texts = async () => (await readShard(stream, { shardId })).map(({ data }) => textOf(data));
    const at = (index: number) => defined(positions[index], 'the position');
    return { stream, trim, shardId, startMs, texts, at };
  }

  describe('trim', () => {
    it('deletes what is both old and handled, and answers how much', async () => {
      const { trim, shardId, startMs, texts, at } = await openFilled();
      expect(await trim({ shardId, before: startMs + 3_000, upTo: at(9) })).toBe(3);
      expect(await texts()).toEqual(['3', '4', '5', '6', '7', '8', '9']);
      expect(await trim({ shardId, before: startMs + 60_000, upTo: at(5) })).toBe(3);
      expect(await texts()).toEqual(['6', '7', '8', '9']);
      expect(await trim({ shardId, before: startMs + 60_000, upTo: at(5) })).toBe(0);
    });

    it('never deletes what was not handled, however old it is', async () => {
      const { trim, shardId, startMs, texts } = await openFilled();
      await clock.advance(86_400_000);
      expect(await trim({ shardId, before: clock.nowMs(), upTo: '0' })).toBe(0);
      expect(await trim({ shardId, before: startMs, upTo: '999999' })).toBe(0);
      expect(await texts()).toHaveLength(10);
    });

    it('goes on with the oldest that is left when asked from a position that is gone', async () => {
      const { stream, trim, shardId, at } = await openFilled();
      await trim({ shardId, before: clock.nowMs(), upTo: at(4) });
      const rest = await readShard(stream, { shardId, after: at(1) });
      expect(rest.map(({ data }) => textOf(data))).toEqual(['5', '6', '7', '8', '9']);
    });

    it('does not give a position away again after everything is deleted', async () => {
      const { stream, trim, shardId, texts, at } = await openFilled();
      expect(await trim({ shardId, before: clock.nowMs(), upTo: at(9) })).toBe(10);
      expect(await texts()).toEqual([]);
      await putMarker(stream, 'k');
      const [next] = await stream.read({ shardId, after: at(9), limit: 10 });
      expect(textOf(defined(next, 'the next record').data)).toBe('marker');
    });
  });
}
