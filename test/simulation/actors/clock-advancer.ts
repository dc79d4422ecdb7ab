import type { Random } from '../random.ts';
import { presentMs, type SimulatedTenant } from '../tenants.ts';
import type { Actor, Stage } from './actor.ts';
import { readInvoices } from './invoice-reader.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PAUSE_MS = [5_000, 30_000] as const;
const RETRY_MS = [300, 4_000] as const;
const TRIES_MAX = 60;
const EVENTS_AN_ADVANCE = 130;

/** Moves the clock of a test tenant while events arrive: over the ends of periods and of their grace. */
export function clockAdvancer(tenant: SimulatedTenant): Actor {
  const name = `clock-of-${tenant.key}`;
  return {
    name,
    act: async (stage, random) => {
      const advances = Math.max(2, Math.round(stage.world.settings.events / EVENTS_AN_ADVANCE / 2));
      let targetMs = 0;
      for (let advance = 0; advance < advances; advance += 1) {
        await stage.world.scheduler.pause(random.int(...PAUSE_MS));
        const byMs = random.pick([2, 13, 26, 50]) * HOUR_MS + random.int(0, 60_000);
        // One that did not arrive is gone on with: a clock is sent nowhere else before it has.
        const nowMs = presentMs(stage.world, tenant);
        targetMs = targetMs > nowMs ? targetMs : nowMs + byMs;
        await advanceClock(stage, { name, tenant, random, toMs: targetMs });
        await readInvoices(stage, name, tenant);
      }
    },
  };
}

/** Asks until the clock has arrived; answers whether it has. */
export async function advanceClock(stage: Stage, input: Advance): Promise<boolean> {
  const { tenant, random, toMs } = input;
  const { counts, scheduler } = stage.world;
  const fromMs = presentMs(stage.world, tenant);
  counts.countEvent('clock_advance');
  if (Math.floor(toMs / DAY_MS) > Math.floor(fromMs / DAY_MS)) counts.countEvent('close');
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    const asked = await askOnce(stage, input);
    if (asked === 'refused') return false;
    if (asked === 'arrived') {
      if (tenant.clock !== null) tenant.clock.nowMs = toMs;
      return true;
    }
    // An earlier request that came late, and died on its way, is to be brought to its end first.
    const otherMs = asked === 'elsewhere' ? await advancingTo(stage, input) : null;
    if (otherMs !== null) await askOnce(stage, { ...input, toMs: otherMs });
    await scheduler.pause(random.int(...RETRY_MS));
  }
  return false;
}

interface Advance {
  readonly name: string;
  readonly tenant: SimulatedTenant;
  readonly random: Random;
  readonly toMs: number;
}

async function askOnce(
  { world, http, auditor }: Stage,
  { name, tenant, toMs }: Advance,
): Promise<'arrived' | 'under_way' | 'elsewhere' | 'refused'> {
  auditor.advances.ask(tenant.key, toMs, world.scheduler.nowMs());
  if (tenant.clock !== null) tenant.clock.askedMs = Math.max(tenant.clock.askedMs, toMs);
  const body = { to: new Date(toMs).toISOString() };
  const request = {
    actor: name,
    method: 'POST',
    path: '/v1/clock/advance',
    secret: tenant.secret,
    body,
  } as const;
  const answer = await http(request);
  if (answer.kind === 'broken' || answer.status === 202 || answer.status === 503) return 'under_way';
  if (answer.status === 200) return 'arrived';
  if (answer.status === 409 && answer.text.includes('clock.advancing')) return 'elsewhere';
  // It was brought to its end meanwhile, and the clock has gone on.
  if (answer.text.includes('clock.backwards') && toMs < presentMs(world, tenant)) return 'arrived';
  auditor.verdict.broken('own', `the clock of ${tenant.key}: ${answer.status} ${answer.text.slice(0, 300)}`);
  return 'refused';
}

async function advancingTo({ http }: Stage, { name, tenant }: Advance): Promise<number | null> {
  const answer = await http({ actor: name, method: 'GET', path: '/v1/clock', secret: tenant.secret });
  if (answer.kind !== 'answer' || answer.status !== 200) return null;
  const { advancingTo: other } = JSON.parse(answer.text) as { readonly advancingTo?: string };
  return other === undefined ? null : Date.parse(other);
}
