import type { SentCorrection } from '../auditor/corrections.ts';
import { type Attempt, acceptedMs, identityOf, type SentEvent } from '../auditor/ledger.ts';
import type { Random } from '../random.ts';
import { presentMs, type SimulatedTenant } from '../tenants.ts';
import type { Actor, Stage } from './actor.ts';
import { createEventMaker, type EventMaker } from './events.ts';

const PAUSE_MS = [500, 9_000] as const;
const RETRY_MS = [100, 4_000] as const;
const SPREAD_MS = [0, 1_500] as const;
const TRIES_MAX = 30;
const EVENTS_A_CORRECTION = 22;
const REVISIONS_MAX = 6;
const SOURCE = 'default';

interface Corrector {
  readonly stage: Stage;
  readonly name: string;
  readonly tenant: SimulatedTenant;
  readonly random: Random;
  readonly maker: EventMaker;
}

/**
 * Finds that events were wrong: before they are sent, while they are under way and long after; the same correction twice,
 * another one under the same revision, and a revision before the one that it follows.
 */
export function corrector(tenant: SimulatedTenant): Actor {
  const name = `corrector-of-${tenant.key}`;
  return {
    name,
    act: async (stage, random) => {
      const maker = createEventMaker({
        random,
        client: `k${stage.tenants.indexOf(tenant)}`,
        customers: () => tenant.catalogue.customers.flatMap(({ key, subjects }) => [key, ...subjects]),
        types: () => tenant.catalogue.meters.map(({ meter }) => meter.eventType).filter(isLate),
      });
      const self = { stage, name, tenant, random, maker };
      const rounds = Math.max(4, Math.round(stage.world.settings.events / EVENTS_A_CORRECTION));
      for (let round = 0; round < rounds; round += 1) {
        await stage.world.scheduler.pause(random.int(...PAUSE_MS));
        const known = random.chance(0.75) ? anySent(self) : null;
        await (known === null ? correctBeforeItIsSent(self) : correct(self, known));
      }
    },
  };
}

function isLate(type: string): boolean {
  return type.startsWith('x');
}

/** Mostly one that was accepted, and often one that was corrected before. */
function anySent({ stage, tenant, random }: Corrector): SentEvent | null {
  const corrected = new Set(stage.auditor.corrections.ofTenant(tenant.key).keys());
  const wantsCorrected = random.chance(0.3);
  const found = [...stage.auditor.events.ofTenant(tenant.key)].flatMap(([key, { payloads }]) => {
    const [first] = payloads.values();
    if (first === undefined || (wantsCorrected && corrected.size > 0 && !corrected.has(key))) return [];
    return acceptedMs(first) === null && !random.chance(0.1) ? [] : [first.event];
  });
  return found.length === 0 ? null : random.pick(found);
}

/** The event comes after its correction, at the same time, or never. */
async function correctBeforeItIsSent(self: Corrector): Promise<void> {
  const { stage, tenant, random, maker } = self;
  const event = maker.fresh(presentMs(stage.world, tenant));
  const send = async () => {
    await stage.world.scheduler.pause(random.int(0, 20_000));
    await untilAnswered(self, {
      path: '/v1/events',
      body: { events: [event] },
      begin: (nowMs) => stage.auditor.events.send(tenant.key, event, nowMs),
    });
  };
  await Promise.all([correct(self, event), ...(random.chance(0.8) ? [send()] : [])]);
}

async function correct(self: Corrector, event: SentEvent): Promise<void> {
  const { stage, tenant, random } = self;
  stage.world.counts.countEvent('correction');
  const known = stage.auditor.corrections.ofTenant(tenant.key).get(identityOf(event));
  const last = Math.max(0, ...(known?.keys() ?? []));
  const corrections = planned(self, event, last).filter(({ revision }) => revision <= REVISIONS_MAX);
  const sendings = corrections.map(async (correction) => {
    await stage.world.scheduler.pause(random.chance(0.3) ? 0 : random.int(...SPREAD_MS));
    await sendCorrection(self, event, correction);
    // Whoever got an answer may have lost it since.
    if (random.chance(0.2)) await sendCorrection(self, event, correction);
  });
  await Promise.all(sendings);
}

function planned(self: Corrector, event: SentEvent, last: number): readonly SentCorrection[] {
  const { random } = self;
  const make = (revision: number) => content(self, event, revision);
  const next = make(last + 1);
  switch (random.pick(['one', 'one', 'twice', 'differing', 'turned', 'gap', 'old'] as const)) {
    case 'one':
      return [next];
    case 'twice':
      return [next, next];
    case 'differing':
      return [next, make(last + 1)];
    case 'turned':
      return [make(last + 3), make(last + 2), next];
    case 'gap':
      return random.chance(0.5) ? [make(last + 2)] : [make(last + 2), make(last + 2)];
    case 'old':
      return [make(random.int(1, last + 1))];
  }
}

function content({ stage, tenant, random, maker }: Corrector, event: SentEvent, revision: number) {
  const { source = SOURCE, id } = event;
  const nowMs = presentMs(stage.world, tenant);
  const other = maker.conflicting(event, nowMs);
  const amended: SentEvent = { ...other, source, id, time: other.time ?? new Date(nowMs - 1).toISOString() };
  return { source, id, revision, event: random.chance(0.3) ? null : amended };
}

async function sendCorrection(self: Corrector, before: SentEvent, correction: SentCorrection): Promise<void> {
  const { stage, tenant, random } = self;
  const { source, id, revision, event } = correction;
  const action = event === null ? 'revoke' : 'amend';
  const time = before.time === undefined || random.chance(0.5) ? {} : { eventTime: before.time };
  await untilAnswered(self, {
    path: `/v1/events/${encodeURIComponent(id)}/${action}?source=${encodeURIComponent(source)}`,
    body: { revision, reason: 'it was wrong', ...time, ...(event === null ? {} : { event }) },
    begin: (nowMs) => stage.auditor.corrections.send(tenant.key, correction, nowMs),
  });
}

/** The same again after every answer that leaves it open. */
async function untilAnswered(
  { stage, name, tenant, random }: Corrector,
  request: { readonly path: string; readonly body: object; readonly begin: (nowMs: number) => Attempt },
): Promise<void> {
  const { world, http, auditor } = stage;
  const { path, body, begin } = request;
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    const attempt = begin(world.scheduler.nowMs());
    const answer = await http({ actor: name, method: 'POST', path, secret: tenant.secret, body });
    const isAccepted =
      answer.kind === 'answer' && (answer.status === 202 || answer.text.includes('"accepted"'));
    Object.assign(attempt, {
      endedMs: world.scheduler.nowMs(),
      outcome: isAccepted ? 'accepted' : 'unknown',
    });
    if (isAccepted) return;
    if (answer.kind === 'answer' && answer.status !== 503 && answer.status !== 200) {
      auditor.verdict.broken('own', `POST ${path} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
      return;
    }
    await world.scheduler.pause(random.int(...RETRY_MS));
  }
}
