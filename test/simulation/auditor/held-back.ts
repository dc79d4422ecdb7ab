import type { Stage } from '../actors/actor.ts';
import { usagePath } from '../actors/usage-reader.ts';
import { presentMs, type SimulatedTenant } from '../tenants.ts';
import { finalReader } from './final-checks.ts';
import { observeUsage } from './observe-usage.ts';

const DAY_MS = 86_400_000;

/**
 * While analytics refuses the rows of one tenant, its answers say how far they are complete, and no further (P11); the
 * answers of all others are complete (P10).
 */
export async function checkHeldBack(stage: Stage, refused: SimulatedTenant, sinceMs: number): Promise<void> {
  for (const tenant of stage.tenants) await readAll(stage, tenant, tenant === refused ? null : sinceMs);
}

async function readAll(stage: Stage, tenant: SimulatedTenant, completeMs: number | null): Promise<void> {
  const { world, auditor } = stage;
  const reader = finalReader(stage, tenant);
  const nowMs = presentMs(world, tenant);
  const scope = { fromMs: nowMs - 40 * DAY_MS, toMs: nowMs + DAY_MS, customer: null, region: null };
  for (const meter of tenant.catalogue.meters.filter(({ created }) => created.doneMs !== null)) {
    const answer = await reader.get(usagePath(meter.meter.key, scope));
    if (answer === null)
      return auditor.verdict.broken('P11', `${tenant.key} gets no answer although nothing fails`);
    const [row] = answer.data as readonly { readonly value: string | null }[];
    const { completeThrough } = answer as { readonly completeThrough: string | null };
    const completeThroughMs = completeThrough === null ? null : Date.parse(completeThrough);
    auditor.verdict.checked('answers beside a tenant whose rows are refused');
    observeUsage(auditor, {
      ...{ tenant, meter, scope, value: row?.value ?? null, completeThroughMs },
      answeredMs: world.scheduler.nowMs(),
      skewMaxMs: world.settings.skewMaxMs,
    });
    const isComplete =
      completeThroughMs !== null && completeThroughMs >= (completeMs ?? Number.NEGATIVE_INFINITY);
    if (completeMs === null || tenant.mode === 'test' || isComplete) continue;
    const detail = `complete through ${completeThrough}, although it waits for nobody since ${completeMs}`;
    auditor.verdict.broken('P10', `${tenant.key}/${meter.meter.key} is ${detail}`);
  }
}
