import { TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { AuthContext } from '../auth/auth-context.ts';
import {
  type ApiKeyRecord,
  apiKeyFromItem,
  apiKeyKey,
  apiKeyPointerKey,
  secretHashFromPointer,
} from '../records/api-key.ts';
import { maySeeKeysOf } from './key-owner.ts';

/** Error `key.not_found`, also for keys of others. */
export async function readKey(input: {
  readonly items: ItemStore;
  readonly caller: AuthContext;
  readonly id: string;
}): Promise<Result<ApiKeyRecord>> {
  const pointer = await input.items.get({ table: TABLES.main, key: apiKeyPointerKey(input.id) });
  if (pointer === undefined) return err(appError('key.not_found'));
  const key = apiKeyKey(secretHashFromPointer(pointer));
  const record = apiKeyFromItem(
    defined(await input.items.get({ table: TABLES.main, key }), 'the key of an id'),
  );
  return maySeeKeysOf(input.caller, record.tenant) ? ok(record) : err(appError('key.not_found'));
}
