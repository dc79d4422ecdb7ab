import type { Actor, Stage } from './actors/actor.ts';
import { castOf } from './actors/cast.ts';
import { advanceClock } from './actors/clock-advancer.ts';
import { sendLate } from './actors/latecomers.ts';
import { type Auditor, createAuditor } from './auditor/auditor.ts';
import { checkTenant } from './auditor/final-checks.ts';
import { checkHeldBack } from './auditor/held-back.ts';
import type { BrokenPromise } from './auditor/verdict.ts';
import type { FaultCounts } from './faults/counts.ts';
import { createHttp } from './http.ts';
import { createInstallation } from './processes/installation.ts';
import { startPlatform } from './processes/platform.ts';
import { isNothingDue, isQuiet } from './quiet.ts';
import { createTenants, presentMs, type SimulatedTenant } from './tenants.ts';
import { takeTimers } from './timers.ts';
import { createWorld, type World } from './world.ts';

export interface SeedResult {
  readonly seed: number;
  readonly broken: BrokenPromise | null;
  readonly hash: string;
  readonly steps: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly counts: FaultCounts;
  readonly checks: ReadonlyMap<string, number>;
  readonly lastLines: readonly string[];
  readonly layout: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** At least one period and its grace. */
const CLOSING_MS = 49 * HOUR_MS;
const MINUTE_MS = 60_000;
/** Longer than any takeover and any pause between tries. */
const SETTLING_MS = HOUR_MS / 2;

/** One whole life of an installation under faults, and what the auditor says of it. */
export async function runSeed(input: {
  readonly seed: number;
  readonly events: number;
  readonly isWhole?: boolean;
  readonly print?: (line: string) => void;
}): Promise<SeedResult> {
  const world = await createWorld(input);
  const startMs = world.scheduler.nowMs();
  const auditor = createAuditor();
  const giveBack = takeTimers(world.scheduler);
  try {
    await live(world, auditor);
  } finally {
    giveBack();
  }
  for (const failure of world.failures.list()) auditor.verdict.broken('own', failure);
  return {
    seed: input.seed,
    broken: auditor.verdict.first(),
    hash: world.trace.hash(),
    steps: world.trace.steps(),
    events: auditor.events.count(),
    virtualMs: world.scheduler.nowMs() - startMs,
    counts: world.counts,
    checks: auditor.verdict.checks(),
    lastLines: world.trace.last(),
    layout: world.settings.layout,
  };
}

async function live(world: World, auditor: Auditor): Promise<void> {
  const { scheduler } = world;
  const tenants = await createTenants(world);
  const installation = createInstallation(world);
  const http = createHttp(world, installation);
  const stopPlatform =
    world.settings.layout === 'parted' ? startPlatform(world, installation) : () => undefined;
  let isOn = true;
  const stage: Stage = { world, installation, http, tenants, auditor, isOn: () => isOn };
  const hasBroken = () => auditor.verdict.first() !== null || world.failures.list().length > 0;
  const during = async (what: string, ms: number, work: Promise<unknown>) => {
    const outcome = { isDone: false };
    work.then(
      () => {
        outcome.isDone = true;
      },
      (thrown: unknown) => world.failures.note({ name: 'simulation' }, what, thrown),
    );
    const isDone = () => outcome.isDone || hasBroken();
    await scheduler.run({ isDone, untilMs: scheduler.nowMs() + ms });
    if (!isDone()) auditor.verdict.broken('P1', `${what} does not come to an end`);
  };
  await during(
    'what clients do',
    30 * 24 * HOUR_MS,
    play(stage, castOf(stage), () => {
      isOn = false;
    }),
  );
  if (!hasBroken()) {
    world.heal();
    await during('what was left open', SETTLING_MS, settle(stage));
  }
  if (!hasBroken()) await during('a closing', 30 * DAY_MS, closeAll(stage));
  if (!hasBroken()) await during('what comes late', HOUR_MS, comeLate(stage));
  if (!hasBroken()) await during('the last closing', 30 * DAY_MS, closeAll(stage));
  for (const tenant of tenants) {
    if (!hasBroken()) await during('the final reading', HOUR_MS, checkTenant(stage, tenant));
  }
  installation.stop();
  stopPlatform();
}

/** Clients do all they have to do; everybody else goes on until then. */
async function play(
  stage: Stage,
  cast: { readonly leading: readonly Actor[]; readonly others: readonly Actor[] },
  end: () => void,
): Promise<void> {
  const act = ({ name, act: run }: Actor) => run(stage, stage.world.random.fork(name));
  const others = cast.others.map(act);
  await Promise.all(cast.leading.map(act));
  end();
  await Promise.all(others);
}

/** Ends a period and its grace, so that everything is billed that there is. */
async function closeAll(stage: Stage): Promise<void> {
  const { scheduler, random } = stage.world;
  const clocks = stage.tenants.filter(({ mode }) => mode === 'test');
  const advance = (tenant: SimulatedTenant) => {
    const toMs = Math.max(presentMs(stage.world, tenant), tenant.clock?.askedMs ?? 0) + CLOSING_MS;
    return advanceClock(stage, { name: 'auditor', tenant, random, toMs });
  };
  await Promise.all(clocks.map(advance));
  // Those that live in real time: a day until the period ends, another until its grace does, and time to do what is due.
  for (let days = 1; days <= 2; days += 1) {
    scheduler.jump(DAY_MS + MINUTE_MS);
    do {
      await scheduler.pause(MINUTE_MS / 4);
    } while (!(await isNothingDue(stage)));
  }
}

/** What is final stays so, and what comes after it is billed by the next invoice. */
async function comeLate(stage: Stage): Promise<void> {
  await sendLate(stage, stage.world.random.fork('late'));
  await untilQuiet(stage);
}

/** First for all but the tenant whose rows are still refused: nobody else waits for it. */
async function settle(stage: Stage): Promise<void> {
  const refused = stage.tenants[stage.world.settings.refusedToTheEnd ?? -1];
  if (refused !== undefined) {
    const sinceMs = await untilQuiet(stage, refused);
    await checkHeldBack(stage, refused, sinceMs);
    stage.world.twin.acceptTenant(refused.key);
  }
  await untilQuiet(stage);
}

async function untilQuiet(stage: Stage, besides?: SimulatedTenant): Promise<number> {
  const { scheduler, settings } = stage.world;
  // A fence of an issuer whose clock is behind may have been drawn since, and say that it was not.
  const sinceMs = scheduler.nowMs() + settings.skewMaxMs;
  do {
    await scheduler.pause(5_000);
  } while (!(await isQuiet(stage, sinceMs, besides)));
  return sinceMs;
}
