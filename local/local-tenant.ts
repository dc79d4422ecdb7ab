import { issueKey } from '../shared/app/keys/issue-key.ts';
import { createTenant } from '../shared/app/tenants/create-tenant.ts';
import { SCOPES } from '../shared/contracts/http/scopes.ts';
import { assert } from '../shared/kernel/assert.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { IdSource } from '../shared/ports/id-source.ts';
import type { ItemStore } from '../shared/ports/item-store.ts';

const TENANT = 'local';

/**
 * Sees to it that there is a test tenant `local` with a key, and answers that key's secret. A secret given from outside
 * may do everything, an operator's work included; the one of the data folder everything but that.
 */
export async function ensureLocalTenant(input: {
  readonly items: ItemStore;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly pepper: string;
  readonly localKey: string;
  readonly developmentKey: string | null;
}): Promise<string> {
  const { developmentKey, localKey, ...deps } = input;
  const created = await createTenant(deps)({ key: TENANT, name: 'Local tests', mode: 'test' });
  assert(created.ok || created.error.code === 'tenant.exists', 'the tenant local could not be made');
  const issued = await issueKey(deps)({
    name: developmentKey === null ? 'local' : 'development',
    tenant: TENANT,
    mode: 'test',
    scopes: developmentKey === null ? SCOPES.filter((scope) => scope !== 'operator') : [...SCOPES],
    secret: developmentKey ?? localKey,
  });
  assert(issued.ok, 'a key with a given secret is always issued');
  return issued.value.secret;
}
