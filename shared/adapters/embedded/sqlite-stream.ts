import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { z } from 'zod';
import { LIMITS } from '../../kernel/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  EventStream,
  PutRecordResult,
  ReadableStream,
  StreamRecord,
  StreamRecordInput,
} from '../../ports/event-stream.ts';
import { StoreError } from '../../ports/store-error.ts';
import { assertReadFits, assertRecordsFit, recordBytes, withinReadBytes } from '../stream-limits.ts';
import { createStreamShards, type StreamShards } from '../stream-shards.ts';
import { toRowPosition } from './positions.ts';
import { openSqlite, type SqliteDatabase } from './sqlite-database.ts';

/**
 * AUTOINCREMENT, for no position may be given again after its record was deleted. Each index ends in the position,
 * as all do.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS records (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    shard INTEGER NOT NULL,
    arrived_at_ms INTEGER NOT NULL,
    partition_key TEXT NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS records_of_shard ON records (shard);
  CREATE INDEX IF NOT EXISTS records_by_arrival ON records (shard, arrived_at_ms);
  CREATE TABLE IF NOT EXISTS stream (id INTEGER PRIMARY KEY CHECK (id = 1), shards INTEGER NOT NULL) STRICT;`;

const INSERT = 'INSERT INTO records (shard, arrived_at_ms, partition_key, data) VALUES (?, ?, ?, ?)';
const READ = `SELECT position, arrived_at_ms, partition_key, data FROM records INDEXED BY records_of_shard
  WHERE shard = ? AND position > ? ORDER BY position LIMIT ?`;
const TRIM = `DELETE FROM records WHERE position IN (
  SELECT position FROM records INDEXED BY records_by_arrival
  WHERE shard = ? AND arrived_at_ms < ? AND position <= ? LIMIT ?)`;

const row = z.object({
  position: z.int(),
  arrived_at_ms: z.int(),
  partition_key: z.string(),
  data: z.instanceof(Uint8Array),
});

export interface SqliteStream {
  readonly stream: EventStream & ReadableStream;
  /**
   * Deletes records that arrived before the instant `before` (epoch ms) and are not behind the position `upTo`, at
   * most LIMITS.streamTrimRecords a call; answers how many.
   */
  trim(input: { readonly shardId: string; readonly before: number; readonly upTo: string }): Promise<number>;
  /** Commits what waits; nothing may be asked afterwards. */
  close(): Promise<void>;
}

/**
 * A stream in one SQLite file, used by this process alone. The number of shards decides which one takes a key, so it
 * stays what it was when the file was made: with another one this throws StoreError 'refused'.
 */
export function openSqliteStream(input: {
  readonly path: string;
  readonly shards: number;
  readonly clock: Clock;
  /** For tests of a full disk: the file may not grow beyond so many pages of 4 KiB. */
  readonly pagesMax?: number;
}): SqliteStream {
  const { path, clock, pagesMax } = input;
  const shards = createStreamShards(input.shards);
  const database = openSqlite({
    path,
    schema: `${SCHEMA} INSERT OR IGNORE INTO stream (id, shards) VALUES (1, ${shards.ids.length});`,
    ...(pagesMax === undefined ? {} : { pagesMax }),
  });
  refuseOtherShards(database, shards);
  return {
    stream: { ...createWriter({ database, shards, clock }), ...createReader({ database, shards }) },
    trim: async ({ shardId, before, upTo }) => {
      const shard = shards.indexOf(shardId);
      const position = toRowPosition(upTo);
      let deleted = 0;
      let step: number;
      do {
        step = await database.write((db) =>
          Number(db.prepare(TRIM).run(shard, before, position, LIMITS.streamTrimStep).changes),
        );
        deleted += step;
      } while (step === LIMITS.streamTrimStep && deleted < LIMITS.streamTrimRecords);
      return deleted;
    },
    close: () => database.close(),
  };
}

function refuseOtherShards(database: SqliteDatabase, shards: StreamShards): void {
  const stored = database.read((db) =>
    z.object({ shards: z.int() }).parse(db.prepare('SELECT shards FROM stream').get()),
  );
  if (stored.shards === shards.ids.length) return;
  // Closed before the call returns; nothing waits for a commit yet.
  void database.close();
  const message = `the stream was made with ${stored.shards} shards and cannot be opened with ${shards.ids.length}`;
  throw new StoreError({ message, outcome: 'refused', reason: 'rejected' });
}

function createWriter(deps: {
  readonly database: SqliteDatabase;
  readonly shards: StreamShards;
  readonly clock: Clock;
}): EventStream {
  const { database, shards, clock } = deps;
  const statement = preparedOnce(INSERT);
  let waitingBytes = 0;

  function insert(db: DatabaseSync, { partitionKey, data }: StreamRecordInput): PutRecordResult {
    const { index, shardId } = shards.ofKey(partitionKey);
    const { lastInsertRowid } = statement(db).run(index, clock.nowMs(), partitionKey, data);
    return { ok: true, shardId, sequenceNumber: String(lastInsertRowid) };
  }

  return {
    putRecords: async (records) => {
      assertRecordsFit(records);
      const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0);
      if (waitingBytes > 0 && waitingBytes + bytes > LIMITS.streamWaitingBytes)
        return records.map(() => ({ ok: false, code: 'throttled' }));
      waitingBytes += bytes;
      try {
        return await database.write((db) => records.map((record) => insert(db, record)));
      } finally {
        waitingBytes -= bytes;
      }
    },
  };
}

function createReader(deps: {
  readonly database: SqliteDatabase;
  readonly shards: StreamShards;
}): ReadableStream {
  const { database, shards } = deps;
  const statement = preparedOnce(READ);

  function* records(
    db: DatabaseSync,
    shardId: string,
    after: number,
    limit: number,
  ): Generator<StreamRecord> {
    for (const found of statement(db).iterate(shards.indexOf(shardId), after, limit)) {
      const { position, arrived_at_ms, partition_key, data } = row.parse(found);
      yield {
        shardId,
        sequenceNumber: String(position),
        partitionKey: partition_key,
        data,
        arrivedAtMs: arrived_at_ms,
      };
    }
  }

  return {
    shards: async () => shards.ids,
    read: async ({ shardId, after = '0', limit }) => {
      assertReadFits({ limit, after });
      return database.read((db) => withinReadBytes(records(db, shardId, toRowPosition(after), limit)));
    },
  };
}

/** Statements live as long as their connection, which is the only one. */
function preparedOnce(sql: string): (db: DatabaseSync) => StatementSync {
  let statement: StatementSync | undefined;
  return (db) => {
    statement ??= db.prepare(sql);
    return statement;
  };
}
