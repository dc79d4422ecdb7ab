import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ERROR_CATALOGUE } from '../../kernel/errors.ts';
import { StoreError } from '../../ports/store-error.ts';
import { makeDurableFolder, toStoreError } from './files.ts';
import { primaryCode, SQLITE } from './sqlite-database.ts';

/** The code is one of the error catalogue. */
class LockedError extends Error {
  override readonly name = 'LockedError';
  readonly code = 'storage.locked';
}

export interface DataFolderLock {
  release(): Promise<void>;
}

/**
 * Makes the folder if needed, for its owner alone, and holds it until release or the end of this process, however it
 * ends. While anyone holds it, in this process or another, throws an error with the code `storage.locked`; throws
 * StoreError when the disk does not allow it.
 */
export async function lockDataFolder(input: { readonly folder: string }): Promise<DataFolderLock> {
  const { folder } = input;
  try {
    await makeDurableFolder(folder);
  } catch (thrown) {
    throw toStoreError(thrown, 'not_done');
  }
  const held = holdFile(join(folder, 'lock'), folder);
  return {
    release: async () => {
      if (held.isOpen) held.close();
    },
  };
}

/**
 * The operating system's lock, which Node offers only through SQLite: an exclusive transaction that never ends. The
 * lock is one of the process, and closing the file anywhere in the process would end it; SQLite counts its own uses of
 * a file, so nobody may open this one but through it.
 */
function holdFile(path: string, folder: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    db.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return db;
  } catch (thrown) {
    db?.close();
    throw toLockError(thrown, folder);
  }
}

function toLockError(thrown: unknown, folder: string): Error {
  if (primaryCode(thrown) === SQLITE.busy) {
    return new LockedError(`${ERROR_CATALOGUE['storage.locked'].title}: ${folder}`, { cause: thrown });
  }
  const message = `the data folder ${folder} cannot be locked: ${String(thrown)}`;
  return new StoreError({ message, outcome: 'not_done', reason: 'other', cause: thrown });
}
