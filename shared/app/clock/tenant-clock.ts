import { TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AttributeChanges, Condition, ItemStore } from '../../ports/item-store.ts';
import { type TenantRecord, tenantFromItem, tenantKey } from '../records/tenant.ts';
import { readTenant } from '../tenants/read-tenant.ts';

export interface ClockDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  /** Puts a fence into the tenant's lanes and answers its number. */
  readonly drawFence: (input: { readonly tenant: string }) => Promise<number>;
}

export interface TenantClock {
  readonly nowMs: number;
  readonly status: 'ready' | 'advancing';
  /** Only while it is advancing. */
  readonly advancingToMs?: number;
}

type Tenant = Pick<TenantRecord, 'key' | 'mode'>;

export function getClock(deps: Pick<ClockDeps, 'items' | 'clock'>): (tenant: Tenant) => Promise<TenantClock> {
  return async ({ key }) => {
    const { clockMs, advancingToMs } = defined(await readTenant(deps.items, key), 'the tenant of the caller');
    const nowMs = clockMs ?? deps.clock.nowMs();
    return advancingToMs === null
      ? { nowMs, status: 'ready' }
      : { nowMs, status: 'advancing', advancingToMs };
  };
}

/**
 * Stops the clock of a test tenant at any instant, until it has events or subscriptions; the instant where it
 * stands can always be set. The fence that is drawn then tells from which one on the watermark is this instant.
 * Errors `clock.live_tenant`, `clock.in_use`.
 */
export function setClock(
  deps: ClockDeps,
): (input: { readonly tenant: Tenant; readonly nowMs: number }) => Promise<Result<TenantClock>> {
  return async ({ tenant, nowMs }) => {
    if (tenant.mode === 'live') return err(appError('clock.live_tenant'));
    const changes = { set: { clockMs: nowMs }, remove: ['clockFence'] };
    const standsThere = { kind: 'equal', name: 'clockMs', value: nowMs } as const;
    const current = await deps.items.get({ table: TABLES.main, key: tenantKey(tenant.key) });
    const record = current === undefined ? undefined : tenantFromItem(current);
    if (record?.clockMs !== nowMs) {
      const set = await changeClock(deps.items, tenant.key, changes, NOT_IN_USE);
      if (!set) return err(appError('clock.in_use'));
    } else if (record.clockFence !== null) {
      return ok({ nowMs, status: 'ready' });
    }
    const clockFence = await deps.drawFence({ tenant: tenant.key });
    // Somebody who set another instant meanwhile draws a fence of their own.
    await changeClock(deps.items, tenant.key, { set: { clockFence } }, standsThere);
    return ok({ nowMs, status: 'ready' });
  };
}

/** Back to real time; nothing changes when it is there already. Errors `clock.live_tenant`, `clock.in_use`. */
export function resetClock(
  deps: Pick<ClockDeps, 'items' | 'clock'>,
): (input: { readonly tenant: Tenant }) => Promise<Result<TenantClock>> {
  return async ({ tenant }) => {
    if (tenant.mode === 'live') return err(appError('clock.live_tenant'));
    const changes = { remove: ['clockMs', 'clockFence'] };
    const harmless: Condition = {
      kind: 'any',
      of: [{ kind: 'attribute_absent', name: 'clockMs' }, NOT_USED],
    };
    const reset = await changeClock(deps.items, tenant.key, changes, {
      kind: 'all',
      of: [{ kind: 'item_present' }, harmless],
    });
    return reset ? ok({ nowMs: deps.clock.nowMs(), status: 'ready' }) : err(appError('clock.in_use'));
  };
}

const NOT_USED: Condition = { kind: 'attribute_absent', name: 'inUse' };
const NOT_IN_USE: Condition = { kind: 'all', of: [{ kind: 'item_present' }, NOT_USED] };

async function changeClock(
  items: ItemStore,
  tenant: string,
  changes: AttributeChanges,
  condition: Condition,
): Promise<boolean> {
  const updated = await items.update({ table: TABLES.main, key: tenantKey(tenant), changes, condition });
  return updated.ok;
}
