import { TABLES } from '../../contracts/names.ts';
import { type AppError, appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ClaimsMode } from '../../ports/claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { StoreError } from '../../ports/store-error.ts';
import {
  CLAIMS_DEPLOYMENT_KEY,
  type ClaimsDeployment,
  type ClaimsParts,
  claimsDeploymentFromItem,
  claimsDeploymentToItem,
} from '../records/claims-deployment.ts';
import { listTenants } from '../tenants/list-tenants.ts';

export interface SettleDeploymentInput {
  /** What is null stays as it is, or begins with the default. */
  readonly wanted: { readonly mode: ClaimsMode['kind'] | null; readonly parts: ClaimsParts | null };
  readonly keyCheck: string;
  /** Whether no other process makes claims, of another mode perhaps. */
  readonly isAlone: boolean;
}

/**
 * A third of the time and a fifteenth of the disk of exact claims at chunks of thousands of events (docs/benchmarks), and the same
 * for ids that carry no time. One part is the cheapest; more are for tenants with sub-lanes.
 */
const FIRST = { mode: 'packed', parts: 1 } as const;
const ATTEMPTS = 8;

/**
 * How claims are kept from now on: recorded before any is made, so that nobody makes them otherwise by mistake. Errors
 * `claims.mode_refused`, `claims.parts_fixed`, `claims.key_changed`; throws StoreError.
 */
export function settleClaimsDeployment(deps: { readonly items: ItemStore; readonly clock: Clock }) {
  return async (input: SettleDeploymentInput): Promise<Result<ClaimsDeployment, AppError>> => {
    const { items } = deps;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const item = await items.get({ table: TABLES.main, key: CLAIMS_DEPLOYMENT_KEY });
      const recorded = item === undefined ? null : claimsDeploymentFromItem(item);
      const before = recorded ?? (await fromBefore(items, input));
      const planned = before === null ? ok(firstOf(input)) : plan(before, input, deps.clock.nowMs());
      if (!planned.ok || planned.value === recorded) return planned;
      const condition =
        recorded === null
          ? ({ kind: 'item_absent' } as const)
          : ({ kind: 'equal', name: 'version', value: recorded.version } as const);
      const next = claimsDeploymentToItem(planned.value);
      if ((await items.put({ table: TABLES.main, item: next, condition })).ok) return planned;
    }
    const message = 'others changed how claims are kept all the time';
    throw new StoreError({ message, outcome: 'not_done', reason: 'throttled' });
  };
}

/** Claims are of events, events of tenants: with a tenant and without a record, they were kept as before there was a choice. */
async function fromBefore(items: ItemStore, input: SettleDeploymentInput): Promise<ClaimsDeployment | null> {
  const { records } = await listTenants({ items })({ limit: 1 });
  if (records.length === 0) return null;
  const { keyCheck, wanted } = input;
  return { mode: { kind: 'exact' }, parts: wanted.parts ?? FIRST.parts, keyCheck, version: 0 };
}

function firstOf({ wanted, keyCheck }: SettleDeploymentInput): ClaimsDeployment {
  const kind = wanted.mode ?? FIRST.mode;
  const mode = kind === 'packed' ? { kind, exactUntilMs: 0 } : { kind };
  return { mode, parts: wanted.parts ?? FIRST.parts, keyCheck, version: 1 };
}

/** The same value where nothing changes. */
function plan(
  before: ClaimsDeployment,
  { wanted, keyCheck, isAlone }: SettleDeploymentInput,
  nowMs: number,
): Result<ClaimsDeployment, AppError> {
  if (before.keyCheck !== keyCheck) return err(appError('claims.key_changed'));
  if (wanted.parts !== null && wanted.parts !== before.parts) {
    return err(appError('claims.parts_fixed', `claims have ${before.parts} parts, and keep them`));
  }
  const from = before.mode.kind;
  const to = wanted.mode ?? from;
  if (to === from) return ok(before.version === 0 ? { ...before, version: 1 } : before);
  if (!mayFollow(from, to, isAlone)) {
    return err(
      appError('claims.mode_refused', `claims are kept in the mode ${from}; ${to} cannot follow it`),
    );
  }
  const exactUntilMs = nowMs + LIMITS.claimHorizonMs + LIMITS.streamRetentionMs + LIMITS.claimMarginMs;
  const mode: ClaimsMode = to === 'packed' ? { kind: to, exactUntilMs } : { kind: to };
  return ok({ ...before, mode, version: before.version + 1 });
}

/** In transition every event has its exact claim, so that there is a way back; packed ones have no other. */
function mayFollow(from: ClaimsMode['kind'], to: ClaimsMode['kind'], isAlone: boolean): boolean {
  if (from === 'packed') return false;
  return from === 'packed-transition' || to === 'packed-transition' || isAlone;
}
