import { createReader } from '../api-reads.ts';
import type { UsageScope } from '../auditor/known-events.ts';
import { observeUsage } from '../auditor/observe-usage.ts';
import type { Random } from '../random.ts';
import { presentMs, type SimulatedTenant } from '../tenants.ts';
import type { Actor, Stage } from './actor.ts';

const HOUR_MS = 3_600_000;
const PAUSE_MS = [1_000, 12_000] as const;

/** Asks for usage all the time, and believes what answers say of their own completeness. */
export function usageReader(tenant: SimulatedTenant): Actor {
  const name = `reader-of-${tenant.key}`;
  return {
    name,
    act: async (stage, random) => {
      while (stage.isOn()) {
        await stage.world.scheduler.pause(random.int(...PAUSE_MS));
        await readOnce(stage, name, tenant, random);
      }
    },
  };
}

async function readOnce(stage: Stage, name: string, tenant: SimulatedTenant, random: Random): Promise<void> {
  const { world, auditor } = stage;
  const reader = createReader({
    ...{ world, http: stage.http, actor: name, tenant, tries: 2 },
    onRefused: (path, { status, text }) =>
      auditor.verdict.broken('own', `GET ${path} answered ${status}: ${text.slice(0, 300)}`),
  });
  const meter = random.pick(tenant.catalogue.meters.filter(({ created }) => created.doneMs !== null));
  const scope = anyScope(random, tenant, presentMs(world, tenant));
  const answer = await reader.get(usagePath(meter.meter.key, scope));
  if (answer === null) return;
  const [row] = answer.data as readonly { readonly value: string | null }[];
  const { completeThrough } = answer as { readonly completeThrough: string | null };
  observeUsage(auditor, {
    ...{ tenant, meter, scope, value: row?.value ?? null },
    completeThroughMs: completeThrough === null ? null : Date.parse(completeThrough),
    answeredMs: world.scheduler.nowMs(),
    skewMaxMs: world.settings.skewMaxMs,
  });
}

function anyScope(random: Random, tenant: SimulatedTenant, nowMs: number): UsageScope {
  const edge = random.pick([1, 60_000, HOUR_MS, 24 * HOUR_MS]);
  const align = (ms: number) => Math.floor(ms / edge) * edge;
  const fromMs = align(nowMs - random.pick([30 * 24, 48, 3]) * HOUR_MS);
  const toMs = align(nowMs) + random.pick([edge, 24 * HOUR_MS]);
  const stable = tenant.catalogue.customers.filter(({ created }) => created.doneMs === 0);
  return {
    fromMs,
    toMs: Math.max(toMs, fromMs + edge),
    customer: random.chance(0.5) ? random.pick(stable).key : null,
    region: random.chance(0.3) ? random.pick(['eu', 'us', 'ap']) : null,
  };
}

export function usagePath(meter: string, { fromMs, toMs, customer, region }: UsageScope): string {
  const range = `from=${new Date(fromMs).toISOString()}&to=${new Date(toMs).toISOString()}`;
  const of = customer === null ? '' : `&customer=${customer}`;
  const filter = region === null ? '' : `&filter[region]=${region}`;
  return `/v1/meters/${meter}/usage?${range}${of}${filter}`;
}
