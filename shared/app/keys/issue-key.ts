import type { Scope } from '../../contracts/http/scopes.ts';
import { INDEXES, TABLES } from '../../contracts/names.ts';
import { assert } from '../../kernel/assert.ts';
import { appError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { hashSecret } from '../auth/authenticate-secret.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals } from '../commit.ts';
import { queryAll } from '../query-all.ts';
import {
  type ApiKeyRecord,
  apiKeyFromItem,
  apiKeyKey,
  apiKeyPointerToItem,
  apiKeyToItem,
  keysOwner,
} from '../records/api-key.ts';
import { NO_LIMITS, type RateLimits } from '../records/rate-limits.ts';

export type IssueKeyDeps = ConfigurationDeps & { readonly pepper: string };

export interface IssuedKey {
  readonly record: ApiKeyRecord;
  readonly secret: string;
}

interface IssueKeyInput {
  readonly name: string;
  readonly tenant: string | null;
  readonly mode: 'live' | 'test';
  readonly scopes: readonly Scope[];
  readonly expiresAtMs?: number | null;
  /** Its own, beside those of its tenant; none when absent. */
  readonly limits?: RateLimits;
  /** For keys whose secret the installation was started with; issuing such a key again answers the first one. */
  readonly secret?: string;
  readonly alongside?: Alongside<IssuedKey>;
}

/**
 * Makes a key without asking who may: that is `createKey`. The tenant exists. The secret is in the answer and is
 * stored nowhere. Error `key.limit_reached`.
 */
export function issueKey(deps: IssueKeyDeps): (input: IssueKeyInput) => Promise<Result<IssuedKey>> {
  return async (input) => {
    const secret = input.secret ?? `chk_${input.mode}_${deps.ids.secret()}`;
    assert(secret.length >= LIMITS.secretLengthMin, 'the secret of an API key is too short');
    assert(secret.length <= LIMITS.secretLength, 'the secret of an API key is too long');
    const issued = { record: newRecord(deps, input, secret), secret };
    if (input.secret === undefined && (await isFull(deps, input.tenant))) {
      return err(appError('key.limit_reached'));
    }
    const written = await commit({
      items: deps.items,
      operations: [put(apiKeyToItem(issued.record)), put(apiKeyPointerToItem(issued.record))],
      outcome: issued,
      alongside: input.alongside,
    });
    if (written.ok) return ok(issued);
    if (!isRefusals(written.error)) return err(written.error);
    assert(input.secret !== undefined, 'two keys drew the same secret');
    const item = await deps.items.get({ table: TABLES.main, key: apiKeyKey(issued.record.secretHash) });
    assert(item !== undefined, 'a key stood in the way and is gone');
    return ok({ record: apiKeyFromItem(item), secret });
  };
}

function newRecord(deps: IssueKeyDeps, input: IssueKeyInput, secret: string): ApiKeyRecord {
  return {
    secretHash: hashSecret(deps.pepper, secret),
    id: newId('key', deps.ids.uuid()),
    name: input.name,
    tenant: input.tenant,
    mode: input.mode,
    scopes: [...input.scopes],
    limits: input.limits ?? NO_LIMITS,
    createdAtMs: deps.clock.nowMs(),
    expiresAtMs: input.expiresAtMs ?? null,
    revokedAtMs: null,
  };
}

function put(item: ReturnType<typeof apiKeyToItem>) {
  return { op: 'put', table: TABLES.main, item, condition: { kind: 'item_absent' } } as const;
}

async function isFull(deps: IssueKeyDeps, tenant: string | null): Promise<boolean> {
  const query = { table: TABLES.main, index: INDEXES.byOwner, pk: keysOwner(tenant) };
  return (await queryAll(deps.items, query, LIMITS.keysPerTenant)).length >= LIMITS.keysPerTenant;
}
