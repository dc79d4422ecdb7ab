import type { Attempt, SentEvent } from '../auditor/ledger.ts';
import type { Random } from '../random.ts';
import { presentMs, type SimulatedTenant } from '../tenants.ts';
import type { Actor, Stage } from './actor.ts';
import { createEventMaker, type EventMaker } from './events.ts';
import { NAMES_TO_COME } from './subject-adder.ts';

const THINK_MS = [0, 4_000] as const;
const RETRY_MS = [100, 5_000] as const;
const TRIES_MAX = 6;
const BATCH_MAX = 24;
const GHOST = 'nobody';

/** Sends its share of events in batches, some of them again, some of them changed, and tries again what has no answer. */
export function client(input: {
  readonly name: string;
  readonly tenant: SimulatedTenant;
  readonly events: number;
}): Actor {
  const { name, tenant, events } = input;
  return {
    name,
    act: async (stage, random) => {
      const maker = createEventMaker({
        random,
        client: name.slice(-1),
        customers: () => references(tenant, random),
        types: () =>
          tenant.catalogue.meters.map(({ meter }) => meter.eventType).filter((type) => type.startsWith('x')),
      });
      const sent: SentEvent[] = [];
      let waiting: readonly SentEvent[] = [];
      while (sent.length < events || waiting.length > 0) {
        const batch = nextBatch({ stage, tenant, random, maker, sent, left: events - sent.length });
        waiting = await sendUntilAnswered({ stage, name, tenant, random }, [...waiting, ...batch]);
        await stage.world.scheduler.pause(random.int(...THINK_MS));
      }
    },
  };
}

/** Known customers by key or subject, and now and then somebody whom nobody knows, or nobody yet. */
function references(tenant: SimulatedTenant, random: Random): readonly string[] {
  const known = tenant.catalogue.customers.map(({ key, subjects }) => random.pick([key, ...subjects]));
  const strangers = random.chance(0.15) ? [random.pick(NAMES_TO_COME)] : [];
  return [...known, ...strangers, ...(random.chance(0.1) ? [GHOST] : [])];
}

function nextBatch(input: {
  readonly stage: Stage;
  readonly tenant: SimulatedTenant;
  readonly random: Random;
  readonly maker: EventMaker;
  readonly sent: SentEvent[];
  readonly left: number;
}): readonly SentEvent[] {
  const { stage, tenant, random, maker, sent, left } = input;
  const nowMs = presentMs(stage.world, tenant);
  const count = Math.min(left, random.int(1, random.pick([2, BATCH_MAX])));
  const fresh = Array.from({ length: Math.max(0, count) }, () => maker.fresh(nowMs));
  const again = sent.length > 0 && random.chance(0.25) ? [random.pick(sent), random.pick(sent)] : [];
  const changed = sent.length > 0 && random.chance(0.2) ? [maker.conflicting(random.pick(sent), nowMs)] : [];
  // Two versions of one new event in one request.
  const twin = fresh.length > 0 && random.chance(0.05) ? [maker.conflicting(random.pick(fresh), nowMs)] : [];
  sent.push(...fresh);
  return random.shuffle([...fresh, ...again, ...changed, ...twin]);
}

export interface Sending {
  readonly stage: Stage;
  readonly name: string;
  readonly tenant: SimulatedTenant;
  readonly random: Random;
}

/** Answers what it gave up on for now: it goes with the next batch, or never. */
export async function sendUntilAnswered(
  sending: Sending,
  batch: readonly SentEvent[],
): Promise<readonly SentEvent[]> {
  const { stage, random } = sending;
  let left = batch;
  for (let tries = 1; left.length > 0 && tries <= TRIES_MAX; tries += 1) {
    if (tries > 1) await stage.world.scheduler.pause(random.int(...RETRY_MS));
    left = await sendOnce(sending, left);
  }
  return stage.isOn() && random.chance(0.95) ? left : [];
}

interface Answer {
  readonly results: readonly { readonly index: number; readonly status: string; readonly code?: string }[];
}

/** Answers the events whose outcome is unknown. */
async function sendOnce(
  { stage, name, tenant }: Sending,
  events: readonly SentEvent[],
): Promise<readonly SentEvent[]> {
  const { world, auditor } = stage;
  const attempts = events.map((event) => auditor.events.send(tenant.key, event, world.scheduler.nowMs()));
  const body = { events };
  const answer = await stage.http({
    actor: name,
    method: 'POST',
    path: '/v1/events',
    secret: tenant.secret,
    body,
  });
  const nowMs = world.scheduler.nowMs();
  const end = (attempt: Attempt | undefined, outcome: Attempt['outcome']) => {
    if (attempt !== undefined) Object.assign(attempt, { endedMs: nowMs, outcome });
  };
  const isAnswer = answer.kind === 'answer' && (answer.status === 200 || answer.status === 503);
  if (answer.kind === 'answer' && !isAnswer) {
    auditor.verdict.broken('own', `POST /v1/events answered ${answer.status}: ${answer.text.slice(0, 300)}`);
  }
  const results = isAnswer ? ((JSON.parse(answer.text) as Partial<Answer>).results ?? []) : [];
  const statuses = new Map(results.map(({ index, status }) => [index, status]));
  return events.filter((_, index) => {
    const status = statuses.get(index) ?? 'unknown';
    end(attempts[index], status === 'accepted' || status === 'rejected' ? status : 'unknown');
    return status !== 'accepted' && status !== 'rejected';
  });
}
