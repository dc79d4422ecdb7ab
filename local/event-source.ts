/** What every record of a source has: its position within its shard. */
export interface Positioned {
  readonly sequenceNumber: string;
}

/** What an event source mapping reads, and the event that its function gets for a batch of one shard. */
export interface EventSource<R extends Positioned, E> {
  /** Records that one read may take. */
  readonly readMax: number;
  shards(): Promise<readonly string[]>;
  /** Records after `after`, from the oldest when absent or gone, oldest first. */
  read(input: {
    readonly shardId: string;
    readonly after?: string;
    readonly limit: number;
  }): Promise<readonly R[]>;
  /** Whether a read ended with these for their bytes, so that waiting brings nothing. */
  isFull(batch: readonly R[]): boolean;
  toEvent(batch: readonly R[]): E;
}
