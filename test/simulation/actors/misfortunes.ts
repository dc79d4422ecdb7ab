import type { WorldEvent } from '../faults/kinds.ts';
import type { Random } from '../random.ts';
import type { Actor, Stage } from './actor.ts';
import { poisonEnvelope } from './poison.ts';

/** What happens to the whole installation by itself. Each is one entry here: it may take a while, and others go on. */
const MISFORTUNES: readonly {
  readonly event: WorldEvent;
  readonly happen: (stage: Stage, random: Random) => Promise<void> | void;
}[] = [
  { event: 'poison_envelope', happen: poisonEnvelope },
  { event: 'refused_tenant', happen: refuseTenant },
  { event: 'analytics_down', happen: bringAnalyticsDown },
  { event: 'dedupe_window_passed', happen: passDedupeWindow },
  { event: 'resharding', happen: reshard },
  { event: 'all_restarted', happen: ({ installation }) => installation.killAll() },
];

const EVENTS_A_ROUND = 400;
const PAUSE_MS = [2_000, 14_000] as const;
const REFUSED_MS = [20_000, 150_000] as const;
const DOWN_MS = [3_000, 90_000] as const;
const HOUR_MS = 3_600_000;
/** Longer than any call is under way. */
const LAST_CALLS_MS = 62_000;
const SHARDS_MAX = 4;

/** All misfortunes, one after the other, as many rounds as there are events for. */
export const misfortunes: Actor = {
  name: 'misfortunes',
  act: async (stage, random) => {
    const { scheduler, counts, settings } = stage.world;
    const rounds = Math.max(1, Math.round((1.2 * settings.events) / EVENTS_A_ROUND));
    const underWay: Promise<void>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const { event, happen } of random.shuffle(MISFORTUNES)) {
        await scheduler.pause(random.int(...PAUSE_MS));
        counts.countEvent(event);
        stage.world.trace.add({
          timeMs: scheduler.nowMs(),
          actor: 'world',
          port: 'world',
          method: event,
          fault: '',
        });
        underWay.push(Promise.resolve(happen(stage, random)));
      }
    }
    await Promise.all(underWay);
  },
};

async function refuseTenant({ world, tenants }: Stage, random: Random): Promise<void> {
  const { key } = random.pick(tenants);
  const { refusedToTheEnd } = world.settings;
  world.twin.refuseTenant(key);
  await world.scheduler.pause(random.int(...REFUSED_MS));
  if (tenants[refusedToTheEnd ?? -1]?.key !== key) world.twin.acceptTenant(key);
}

async function bringAnalyticsDown({ world }: Stage, random: Random): Promise<void> {
  world.twin.setReachable(false);
  await world.scheduler.pause(random.int(...DOWN_MS));
  world.twin.setReachable(true);
}

/**
 * Analytics is down, then everything is, for more than a day: tokens that were recorded before are forgotten, and with the
 * time that passed periods have ended.
 */
async function passDedupeWindow({ world, installation }: Stage, random: Random): Promise<void> {
  const { scheduler, twin } = world;
  twin.setReachable(false);
  await scheduler.pause(random.int(...DOWN_MS));
  const resume = installation.suspend();
  await scheduler.pause(LAST_CALLS_MS);
  twin.finishLateInserts();
  scheduler.jump(random.int(25, 40) * HOUR_MS);
  twin.forgetTokens();
  twin.setReachable(true);
  resume();
}

/** The embedded stream has its shards for ever: there a shard moves to another poller instead. */
async function reshard({ world, installation }: Stage, random: Random): Promise<void> {
  const { stream } = world.stores;
  if (world.settings.layout === 'parted') return stream.reshard(random.int(1, SHARDS_MAX));
  for (const { shardId } of stream.lineage()) installation.handOver(shardId);
}
