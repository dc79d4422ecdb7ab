import { dirname, join } from 'node:path';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { StoreError } from '../../ports/store-error.ts';
import { assertListFits, assertObjectKey } from '../object-keys.ts';
import { createDurableFolders } from './durable-folders.ts';
import { codeOf, createFiles, type Files, toStoreError } from './files.ts';
import { objectPath, walkKeys } from './object-paths.ts';
import { createSharedSyncs } from './shared-syncs.ts';
import { createTurns } from './turns.ts';

/** Objects, one file each. */
const STORED = 'stored';
/** Files that are being written; what is left in it when the store opens belongs to nobody. */
const WRITING = 'writing';

/**
 * Objects in a folder, used by this process alone. A file is written and synced under another name, then linked (if
 * absent) or renamed to its own, then the folder is synced: so an object is whole or not there, and what anyone was
 * answered outlives a crash and a loss of power.
 */
export async function openFileObjects(input: {
  readonly folder: string;
  /** For tests of disks that fail. */
  readonly files?: Files;
}): Promise<ObjectStore> {
  const files = input.files ?? createFiles();
  const root = join(input.folder, STORED);
  const writing = join(input.folder, WRITING);
  try {
    await files.makeDurableFolder(input.folder);
    await files.makeFolder(root);
    await files.makeFolder(writing);
    await files.syncFolder(input.folder);
    for (const name of await files.names(writing)) await files.remove(join(writing, name));
  } catch (thrown) {
    throw toStoreError(thrown, 'not_done');
  }
  return createFileObjects({ files, root, writing });
}

type Exists = { readonly kind: 'exists' };

interface Deps {
  readonly files: Files;
  readonly root: string;
  readonly writing: string;
}

function createTools({ files: given, root, writing }: Deps) {
  const disk = createWatchedDisk(given);
  const { files } = disk;
  const folders = createDurableFolders({ files, root });
  return { root, writing, disk, files, folders, turns: createTurns() };
}

type Tools = ReturnType<typeof createTools>;

function createFileObjects(deps: Deps): ObjectStore {
  const tools = createTools(deps);
  return { ...createWrites(tools), ...createReads(tools) };
}

function createWrites(tools: Tools): Pick<ObjectStore, 'put' | 'delete'> {
  const { root, writing, disk, files, folders, turns } = tools;
  let written = 0;
  return {
    put: async ({ key, body, ifAbsent = false }) => {
      assertObjectKey(key);
      const to = objectPath(root, key);
      written += 1;
      const from = join(writing, String(written));
      try {
        await disk.ask('not_done', async () => {
          await folders.make(dirname(to));
          await files.create(from, body);
        });
        const publishIt = () => publish(tools, { from, to, ifAbsent });
        return await turns.take(key, () => disk.ask('unknown', publishIt));
      } finally {
        // What cannot be removed now is removed when the store opens; the answer stands.
        await files.remove(from).catch(() => undefined);
      }
    },
    delete: async (key) => {
      assertObjectKey(key);
      const path = objectPath(root, key);
      if (!(await disk.ask('not_done', () => folders.isThere(dirname(path))))) return;
      const remove = async () => {
        await absentAs(files.remove(path), undefined);
        await disk.settle(dirname(path));
      };
      await turns.take(key, () => disk.ask('unknown', remove));
    },
  };
}

async function publish(
  { files, disk }: Tools,
  input: { readonly from: string; readonly to: string; readonly ifAbsent: boolean },
): Promise<Result<void, Exists>> {
  const { from, to, ifAbsent } = input;
  try {
    await (ifAbsent ? files.link(from, to) : files.rename(from, to));
  } catch (thrown) {
    if (ifAbsent && codeOf(thrown) === 'EEXIST') return err({ kind: 'exists' });
    throw thrown;
  }
  await disk.settle(dirname(to));
  return ok(undefined);
}

function createReads(tools: Tools): Pick<ObjectStore, 'get' | 'getRange' | 'list'> {
  const { root, disk, files, folders, turns } = tools;
  const readObject = async <T>(key: string, read: (path: string) => Promise<T>): Promise<T | undefined> => {
    assertObjectKey(key);
    const path = objectPath(root, key);
    return await disk.ask('not_done', async () => {
      if (!(await folders.isThere(dirname(path)))) return undefined;
      const found = await absentAs(read(path), undefined);
      // Whoever wrote what was read has made it durable, or has failed and the next line says so.
      await turns.ended(key);
      return found;
    });
  };
  return {
    get: (key) => readObject(key, files.read),
    getRange: ({ key, start, end }) => readObject(key, (path) => files.readRange(path, { start, end })),
    list: async (query) => {
      assertListFits(query);
      return await disk.ask('not_done', async () => {
        const keys: string[] = [];
        let next: string | undefined;
        for await (const key of walkKeys({ files, folders, root }, query)) {
          if (keys.length === query.limit) {
            next = keys.at(-1);
            break;
          }
          keys.push(key);
        }
        await turns.allEnded();
        return next === undefined ? { keys } : { keys, next };
      });
    },
  };
}

async function absentAs<T, A>(answer: Promise<T>, absent: A): Promise<T | A> {
  try {
    return await answer;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return absent;
    throw thrown;
  }
}

interface WatchedDisk {
  readonly files: Files;
  /** Makes durable what was just changed in a folder. */
  settle(folder: string): Promise<void>;
  /** Runs work; its errors become StoreErrors with this outcome where their code does not say more. */
  ask<T>(outcome: StoreError['outcome'], work: () => Promise<T>): Promise<T>;
}

/**
 * A disk that failed to sync a folder is not asked again: the operating system reports such a failure once and then
 * shows names that may not be on the disk.
 */
function createWatchedDisk(files: Files): WatchedDisk {
  let failure: unknown;
  const syncs = createSharedSyncs(files.syncFolder);
  function assertWorks(outcome: StoreError['outcome']): void {
    if (failure === undefined) return;
    const message = 'the disk failed; start again to go on';
    throw new StoreError({ message, outcome, reason: 'unreachable', cause: failure });
  }
  return {
    files: {
      ...files,
      syncFolder: async (path) => {
        try {
          await files.syncFolder(path);
        } catch (thrown) {
          if (codeOf(thrown) !== 'ENOENT') failure = thrown;
          throw thrown;
        }
      },
    },
    settle: async (folder) => {
      try {
        await syncs.sync(folder);
      } catch (thrown) {
        failure = thrown;
      }
      assertWorks('unknown');
    },
    ask: async (outcome, work) => {
      assertWorks('not_done');
      try {
        const answer = await work();
        assertWorks(outcome);
        return answer;
      } catch (thrown) {
        throw toStoreError(thrown, outcome);
      }
    },
  };
}
