import { grants } from '../../contracts/http/scopes.ts';
import { TABLES } from '../../contracts/names.ts';
import { assert, defined } from '../../kernel/assert.ts';
import { appError } from '../../kernel/errors.ts';
import { equalInConstantTime, hmacSha256Hex } from '../../kernel/hash.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { type ApiKeyRecord, apiKeyFromItem, apiKeyKey } from '../records/api-key.ts';
import { type TenantRecord, tenantFromItem, tenantKey } from '../records/tenant.ts';
import type { AuthContext } from './auth-context.ts';
import { createRecentCache } from './recent-cache.ts';

interface Found {
  readonly key: ApiKeyRecord;
  readonly tenant: TenantRecord | null;
}

interface AuthenticateDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  /** Makes the stored hashes useless to whoever has only the store. At least 32 characters. */
  readonly pepper: string;
}

/** What is stored of a secret: HMAC-SHA256 with the pepper, hex. */
export function hashSecret(pepper: string, secret: string): string {
  return hmacSha256Hex(pepper, secret);
}

/**
 * Proves a secret: `auth.invalid_key` when it is unknown, expired or revoked, or its tenant is archived. Answers of
 * the store are remembered for LIMITS.authCacheMs, so a revoked key works that much longer at most.
 */
export function authenticateSecret(deps: AuthenticateDeps): (secret: string) => Promise<Result<AuthContext>> {
  assert(deps.pepper.length >= LIMITS.pepperLengthMin, 'the pepper of API keys is too short');
  const settings = { clock: deps.clock, ttlMs: LIMITS.authCacheMs, entriesMax: LIMITS.authCacheEntries };
  const known = createRecentCache<Found>(settings);
  // Apart, so that guesses cannot drive out the keys in use.
  const unknown = createRecentCache<true>(settings);

  async function find(secretHash: string): Promise<Found | null> {
    const remembered = known.get(secretHash);
    if (remembered !== undefined) return remembered;
    if (unknown.get(secretHash)) return null;
    const sinceMs = deps.clock.nowMs();
    const found = await load(deps.items, secretHash);
    if (found === null) unknown.set(secretHash, true, sinceMs);
    else known.set(secretHash, found, sinceMs);
    return found;
  }

  return async (secret) => {
    if (secret.length > LIMITS.secretLength) return err(appError('auth.invalid_key'));
    const found = await find(hashSecret(deps.pepper, secret));
    return found !== null && isInForce(found, deps.clock.nowMs())
      ? ok(contextOf(found))
      : err(appError('auth.invalid_key'));
  };
}

function contextOf({ key, tenant }: Found): AuthContext {
  return { keyId: key.id, tenant, scopes: key.scopes, limits: key.limits };
}

async function load(items: ItemStore, secretHash: string): Promise<Found | null> {
  const keyItem = await items.get({ table: TABLES.main, key: apiKeyKey(secretHash) });
  if (keyItem === undefined) return null;
  const key = apiKeyFromItem(keyItem);
  assert(equalInConstantTime(key.secretHash, secretHash), 'a key lies under the hash of another secret');
  if (key.tenant === null) return { key, tenant: null };
  const tenantItem = await items.get({ table: TABLES.main, key: tenantKey(key.tenant) });
  return { key, tenant: tenantFromItem(defined(tenantItem, 'the tenant of a key')) };
}

function isInForce({ key, tenant }: Found, nowMs: number): boolean {
  if (key.revokedAtMs !== null) return false;
  if (key.expiresAtMs !== null && key.expiresAtMs <= nowMs) return false;
  // Operators go on: somebody must be able to look after an archived tenant.
  return tenant === null || tenant.archivedAtMs === null || grants(key.scopes, 'operator');
}
