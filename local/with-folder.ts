import { join } from 'node:path';
import { lockDataFolder } from '../shared/adapters/embedded/data-folder.ts';
import { openSqliteItems } from '../shared/adapters/embedded/sqlite-items.ts';
import { appError } from '../shared/kernel/errors.ts';
import { err, type Result } from '../shared/kernel/result.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { IdSource } from '../shared/ports/id-source.ts';
import type { ItemStore } from '../shared/ports/item-store.ts';
import { readSecrets } from './secrets.ts';

/** Runs `work` on the items of a data folder that no server uses. Error `storage.locked` where one does. */
export async function withFolder<T>(
  input: { readonly folder: string; readonly ids: IdSource; readonly clock: Clock },
  work: (opened: { readonly items: ItemStore; readonly pepper: string }) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { folder, ids, clock } = input;
  try {
    const lock = await lockDataFolder({ folder });
    try {
      const { pepper } = await readSecrets({ folder, ids });
      const store = openSqliteItems({ path: join(folder, 'items.sqlite'), clock });
      try {
        return await work({ items: store.items, pepper });
      } finally {
        await store.close();
      }
    } finally {
      await lock.release();
    }
  } catch (thrown) {
    const isLocked = thrown instanceof Error && 'code' in thrown && thrown.code === 'storage.locked';
    if (isLocked) return err(appError('storage.locked', thrown.message));
    throw thrown;
  }
}
