import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../ports/store-error.ts';

/** SQLite's primary result codes; extended ones carry them in their lowest byte. */
export const SQLITE = { busy: 5, full: 13 } as const;
/** Works of one commit: bounds how long the event loop stands still. */
const WORKS_PER_COMMIT = 2_000;
/** Works that wait; beyond, callers are told to come back. */
const WORKS_WAITING_MAX = 100_000;

/** One SQLite file, used by this process alone. Both calls throw StoreError only. */
export interface SqliteDatabase {
  /**
   * Runs `work` inside the next commit, which it shares with others, and resolves once that is durable. A work that
   * throws leaves nothing behind and fails alone. Where a commit did not happen its works may run again: they change
   * nothing but the database.
   */
  write<T>(work: (db: DatabaseSync) => T): Promise<T>;
  /** Sees only what is durable: between commits there is nothing else. */
  read<T>(work: (db: DatabaseSync) => T): T;
  /** Commits what waits; nothing may be asked afterwards. */
  close(): Promise<void>;
}

interface Waiting {
  readonly work: (db: DatabaseSync) => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Opens the file with its schema: statements that change nothing when they ran before. */
export function openSqlite(input: {
  readonly path: string;
  readonly schema: string;
  /** For tests of a full disk: the file may not grow beyond so many pages of 4 KiB. */
  readonly pagesMax?: number;
}): SqliteDatabase {
  const db = openFile(input);
  let waiting: Waiting[] = [];
  let state: 'open' | 'failed' | 'closed' = 'open';

  function assertOpen(): void {
    if (state === 'closed') throw unreachable('the store is closed');
    if (state === 'failed') throw unreachable(DISK_FAILED);
  }

  function flush(): void {
    const works = waiting.splice(0, WORKS_PER_COMMIT);
    if (waiting.length > 0) setImmediate(flush);
    // Closing commits at once what was to be committed later.
    if (works.length === 0) return;
    if (state === 'failed') rejectAll(works, unreachable(DISK_FAILED));
    else if (commitTogether(db, works).diskFailed) state = 'failed';
  }

  return {
    write: async <T>(work: (db: DatabaseSync) => T): Promise<T> => {
      assertOpen();
      if (waiting.length >= WORKS_WAITING_MAX) {
        throw new StoreError({ message: 'too many writes wait', outcome: 'not_done', reason: 'throttled' });
      }
      return await new Promise<T>((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ work, resolve, reject });
      });
    },
    read: (work) => {
      assertOpen();
      try {
        return work(db);
      } catch (thrown) {
        throw toStoreError(thrown, 'not_done');
      }
    },
    close: async () => {
      if (state === 'closed') return;
      while (waiting.length > 0) flush();
      state = 'closed';
      waiting = [];
      db.close();
    },
  };
}

function openFile(input: Parameters<typeof openSqlite>[0]): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(input.path);
    db.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
      PRAGMA busy_timeout = 0; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;
      ${input.pagesMax === undefined ? '' : `PRAGMA max_page_count = ${input.pagesMax};`}
      ${input.schema}`);
    return db;
  } catch (thrown) {
    db?.close();
    throw toStoreError(thrown, 'not_done');
  }
}

/** Whether a failure of the disk leaves it open what is on it: then nothing in memory can be trusted any more. */
function commitTogether(db: DatabaseSync, works: readonly Waiting[]): { readonly diskFailed: boolean } {
  const done: { readonly waiting: Waiting; readonly value: unknown }[] = [];
  const failed = new Set<Waiting>();
  try {
    db.exec('BEGIN IMMEDIATE');
    for (const waiting of works) {
      const value = runAlone(db, waiting);
      if (value === undefined) failed.add(waiting);
      else done.push({ waiting, value: value.of });
    }
  } catch (thrown) {
    if (db.isTransaction) db.exec('ROLLBACK');
    const left = works.filter((one) => !failed.has(one));
    if (primaryCode(thrown) === SQLITE.full && left.length > 1) return commitHalves(db, left);
    rejectAll(left, toStoreError(thrown, 'not_done'));
    return { diskFailed: false };
  }
  try {
    db.exec('COMMIT');
  } catch (thrown) {
    const isFull = primaryCode(thrown) === SQLITE.full;
    if (db.isTransaction) db.exec('ROLLBACK');
    rejectAll(works, toStoreError(thrown, isFull ? 'not_done' : 'unknown'));
    return { diskFailed: !isFull };
  }
  for (const { waiting, value } of done) waiting.resolve(value as never);
  return { diskFailed: false };
}

/** A statement that finds the disk full takes its whole transaction with it: what fits goes in without it. */
function commitHalves(db: DatabaseSync, works: readonly Waiting[]): { readonly diskFailed: boolean } {
  const middle = Math.ceil(works.length / 2);
  const first = commitTogether(db, works.slice(0, middle));
  const rest = works.slice(middle);
  if (!first.diskFailed) return commitTogether(db, rest);
  rejectAll(rest, unreachable(DISK_FAILED));
  return first;
}

function rejectAll(works: readonly Waiting[], error: unknown): void {
  for (const work of works) work.reject(error);
}

/** Undefined where the work failed and its failure stays its own; throws where it took the transaction with it. */
function runAlone(db: DatabaseSync, { work, reject }: Waiting): { readonly of: unknown } | undefined {
  db.exec('SAVEPOINT work');
  try {
    const value = work(db);
    db.exec('RELEASE work');
    return { of: value };
  } catch (thrown) {
    if (!db.isTransaction) throw thrown;
    db.exec('ROLLBACK TO work; RELEASE work');
    reject(thrown instanceof Error && 'errcode' in thrown ? toStoreError(thrown, 'not_done') : thrown);
    return undefined;
  }
}

const DISK_FAILED = 'the disk failed; start again to go on';

function unreachable(message: string): StoreError {
  return new StoreError({ message, outcome: 'not_done', reason: 'unreachable' });
}

/** What SQLite throws carries its result code. Anything else is ours and passes as it is. */
function toStoreError(thrown: unknown, outcome: StoreError['outcome']): unknown {
  const code = primaryCode(thrown);
  if (code === null) return thrown;
  const reason = code === SQLITE.full ? 'disk_full' : code === SQLITE.busy ? 'throttled' : 'other';
  const message = `SQLite could not answer: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  return new StoreError({ message, outcome, reason, cause: thrown });
}

export function primaryCode(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || !('errcode' in thrown) || typeof thrown.errcode !== 'number') return null;
  return thrown.errcode & 0xff;
}
