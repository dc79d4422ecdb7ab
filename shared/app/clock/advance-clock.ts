import { TABLES } from '../../contracts/names.ts';
import { assert, defined } from '../../kernel/assert.ts';
import { appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { AttributeChanges, Condition } from '../../ports/item-store.ts';
import { listDue } from '../due/list-due.ts';
import { hasParkedRows, readWatermark } from '../fences/watermark.ts';
import { type TenantRecord, tenantKey } from '../records/tenant.ts';
import { readTenant } from '../tenants/read-tenant.ts';
import type { ClockDeps, TenantClock } from './tenant-clock.ts';

const FENCE_POLL_MS = 50;
/** Runs at one instant: what does not get done in so many is a fault, not a long list. */
const RUNS_AT_AN_INSTANT = 16;

export interface AdvanceDeps extends ClockDeps {
  /** Does what is due of a tenant through an instant of its clock; `fence` tells runs at one instant apart. */
  readonly runDue: (input: {
    readonly tenant: string;
    readonly dueAtMs: number;
    readonly fence: number;
  }) => Promise<void>;
}

interface AdvanceInput {
  readonly tenant: Pick<TenantRecord, 'key' | 'mode'>;
  readonly toMs: number;
}

/**
 * Moves a clock that stands to a later instant, stopping at each at which something is due: set the clock, draw a fence,
 * wait until it has passed, do what is due. Answers `advancing` when its time is over; the same call goes on with it, also
 * after a crash. Errors `clock.live_tenant`, `clock.not_set`, `clock.backwards`, `clock.advancing`.
 */
export function advanceClock(deps: AdvanceDeps): (input: AdvanceInput) => Promise<Result<TenantClock>> {
  return async ({ tenant, toMs }) => {
    const begun = await begin(deps, { tenant, toMs });
    if (!begun.ok) return begun;
    const deadlineMs = deps.clock.nowMs() + LIMITS.clockAdvanceMs;
    let nowMs = begun.value;
    for (let runs = 0; ; ) {
      const dueAtMs = await earliestDue(deps, tenant.key, toMs);
      const instantMs = Math.max(dueAtMs ?? toMs, nowMs);
      runs = instantMs === nowMs ? runs + 1 : 0;
      assert(runs <= RUNS_AT_AN_INSTANT, `what is due of ${tenant.key} does not get done`);
      const fence = await standAt(deps, tenant.key, instantMs);
      if (fence === null) {
        const ahead = defined(await readTenant(deps.items, tenant.key), 'the tenant of the caller');
        if (ahead.advancingToMs !== toMs) break;
        nowMs = defined(ahead.clockMs, 'where the clock stands');
        continue;
      }
      nowMs = instantMs;
      const hasPassed = await waitForFence(deps, { tenant: tenant.key, fence, deadlineMs });
      if (!hasPassed) return ok({ nowMs, status: 'advancing', advancingToMs: toMs });
      if (dueAtMs === null) break;
      await deps.runDue({ tenant: tenant.key, dueAtMs: instantMs, fence });
    }
    await change(deps, tenant.key, { remove: ['advancingToMs'] }, equal('advancingToMs', toMs));
    return ok({ nowMs: toMs, status: 'ready' });
  };
}

/** Says where the clock goes, so that nobody sends it elsewhere meanwhile; answers where it stands. */
async function begin(deps: AdvanceDeps, { tenant, toMs }: AdvanceInput): Promise<Result<number>> {
  if (tenant.mode === 'live') return err(appError('clock.live_tenant'));
  for (let attempt = 1; attempt <= RUNS_AT_AN_INSTANT; attempt += 1) {
    const read = defined(await readTenant(deps.items, tenant.key), 'the tenant of the caller');
    const { clockMs, advancingToMs } = read;
    if (clockMs === null) return err(appError('clock.not_set'));
    if (toMs < clockMs) return err(appError('clock.backwards'));
    if (advancingToMs !== null && advancingToMs !== toMs) return err(appError('clock.advancing'));
    const isFree: Condition =
      advancingToMs === null
        ? { kind: 'attribute_absent', name: 'advancingToMs' }
        : equal('advancingToMs', toMs);
    const stands = { kind: 'all', of: [equal('clockMs', clockMs), isFree] } as const;
    if (await change(deps, tenant.key, { set: { advancingToMs: toMs } }, stands)) return ok(clockMs);
    // The same call, sent twice, moves the clock meanwhile: only where it goes decides.
  }
  return err(appError('clock.advancing'));
}

async function earliestDue(deps: AdvanceDeps, tenant: string, untilMs: number): Promise<number | null> {
  const [first] = (await listDue(deps.items, { tenant, untilMs, limit: 1 })).records;
  return first?.dueAtMs ?? null;
}

/**
 * The clock at the instant, and a fence drawn after that: what was acknowledged before lies ahead of it. Null where the same
 * call, sent twice, has moved the clock on.
 */
async function standAt(deps: AdvanceDeps, tenant: string, instantMs: number): Promise<number | null> {
  const isThere = equal('clockMs', instantMs);
  const isBefore = { kind: 'less', name: 'clockMs', value: instantMs } as const;
  const set = { set: { clockMs: instantMs }, remove: ['clockFence'] };
  await change(deps, tenant, set, isBefore);
  const fence = await deps.drawFence({ tenant });
  const marked = await change(deps, tenant, { set: { clockFence: fence } }, isThere);
  return marked ? fence : null;
}

async function waitForFence(
  deps: AdvanceDeps,
  input: { readonly tenant: string; readonly fence: number; readonly deadlineMs: number },
): Promise<boolean> {
  for (;;) {
    const watermark = await readWatermark(deps.items, input.tenant);
    const hasPassed = watermark !== null && watermark.fence >= input.fence;
    // Invoices would wait for rows that a store refuses, longer than an answer may take.
    if (hasPassed && !(await hasParkedRows(deps.items, input.tenant))) return true;
    if (deps.clock.nowMs() >= input.deadlineMs) return false;
    await deps.clock.sleep(FENCE_POLL_MS);
  }
}

function equal(name: string, value: number): Condition {
  return { kind: 'equal', name, value };
}

async function change(
  deps: AdvanceDeps,
  tenant: string,
  changes: AttributeChanges,
  condition: Condition,
): Promise<boolean> {
  const key = tenantKey(tenant);
  return (await deps.items.update({ table: TABLES.main, key, changes, condition })).ok;
}
