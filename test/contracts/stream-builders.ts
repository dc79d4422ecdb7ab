import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { defined } from '../../shared/kernel/assert.ts';
import {
  compareSequence,
  type EventStream,
  type PutRecordResult,
  type ReadableStream,
  type StreamRecord,
  type StreamRecordInput,
} from '../../shared/ports/event-stream.ts';

export interface StreamUnderTest {
  readonly stream: () => EventStream & ReadableStream;
  /** Runs of each property. */
  readonly runs: number;
}

type Written = Extract<PutRecordResult, { readonly ok: true }>;

export const bytesOf = (text: string) => new TextEncoder().encode(text);
export const textOf = (data: Uint8Array) => new TextDecoder().decode(data);
export const uniqueKey = () => randomUUID();

/** The greatest positions that this process was told, by shard: what lies behind was written later. */
type Ends = ReadonlyMap<string, string>;
const ends = new WeakMap<EventStream, Map<string, string>>();
export const endsOf = (stream: EventStream): Ends => new Map(ends.get(stream));

function raiseEnd(stream: EventStream, { shardId, sequenceNumber }: Written): void {
  const known = ends.get(stream) ?? new Map<string, string>();
  ends.set(stream, known);
  if (compareSequence(sequenceNumber, known.get(shardId) ?? '0') > 0) known.set(shardId, sequenceNumber);
}

/** Puts records that must all be written, and answers where they are. */
export async function putAll(
  stream: EventStream,
  records: readonly StreamRecordInput[],
): Promise<readonly Written[]> {
  const results = await stream.putRecords(records);
  expect(results).toHaveLength(records.length);
  return results.map((result) => {
    if (!result.ok) throw new Error(`not written: ${result.code}`);
    raiseEnd(stream, result);
    return result;
  });
}

/** Everything in a shard behind a position, read in pages; checks on the way that positions rise. */
export async function readShard(
  stream: ReadableStream,
  input: { readonly shardId: string; readonly after?: string; readonly limit?: number },
): Promise<readonly StreamRecord[]> {
  const { shardId, limit = 1_000 } = input;
  const all: StreamRecord[] = [];
  let after = input.after;
  for (;;) {
    const page = await stream.read({ shardId, limit, ...(after === undefined ? {} : { after }) });
    if (page.length === 0) return all;
    expect(page.length).toBeLessThanOrEqual(limit);
    for (const record of page) {
      expect(record.shardId).toBe(shardId);
      expect(record.sequenceNumber).toMatch(/^(0|[1-9]\d*)$/);
      if (after !== undefined) expect(compareSequence(record.sequenceNumber, after)).toBeGreaterThan(0);
      after = record.sequenceNumber;
    }
    all.push(...page);
  }
}

/** What the stream holds of some partition keys behind `from`, shard by shard. */
export async function readKeys(
  stream: ReadableStream,
  keys: readonly string[],
  from: Ends,
): Promise<readonly StreamRecord[]> {
  const wanted = new Set(keys);
  const shards = await stream.shards();
  const all = await Promise.all(
    shards.map((shardId) => {
      const after = from.get(shardId);
      return readShard(stream, { shardId, ...(after === undefined ? {} : { after }) });
    }),
  );
  return all.flat().filter((record) => wanted.has(record.partitionKey));
}

/** A position to read from, just before one's own records: of a marker that is put first. */
export async function putMarker(stream: EventStream, partitionKey: string): Promise<Written> {
  return defined((await putAll(stream, [{ partitionKey, data: bytesOf('marker') }]))[0], 'the marker');
}
