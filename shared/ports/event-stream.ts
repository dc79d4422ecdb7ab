/** A record as a producer hands it over. Records of one partition key keep their order. */
export interface StreamRecordInput {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** One entry a record, in the order of the call: written and durable, or not written. */
export type PutRecordResult =
  | { readonly ok: true; readonly shardId: string; readonly sequenceNumber: string }
  | { readonly ok: false; readonly code: 'throttled' | 'internal' };

export interface StreamRecord {
  readonly shardId: string;
  /** Decimal digits; rises within a shard; compare with compareSequence. */
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly arrivedAtMs: number;
}

/**
 * An ordered, durable, replayable stream in shards: Kinesis' model. Throws StoreError when the whole call failed;
 * the outcome of every record is then unknown.
 */
export interface EventStream {
  /**
   * 1 to 500 records, 1 MiB each with its key, 5 MiB in all; a key has 1 to 256 characters. Anything else is the
   * caller's bug.
   */
  putRecords(records: readonly StreamRecordInput[]): Promise<readonly PutRecordResult[]>;
}

/** The reading side, for the embedded event source mapping; on AWS the platform reads. */
export interface ReadableStream {
  shards(): Promise<readonly string[]>;
  /**
   * Records after `after` (from the oldest when absent or gone), oldest first, at most `limit` and 6 MiB: at least one
   * while there is one.
   */
  read(input: {
    readonly shardId: string;
    readonly after?: string;
    readonly limit: number;
  }): Promise<readonly StreamRecord[]>;
}

/** Orders two positions of one shard: negative, 0 or positive. Sequence numbers have no leading zeros. */
export function compareSequence(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
