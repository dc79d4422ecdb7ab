import type { KnownChange } from '../auditor/catalogue-ledger.ts';
import type { SimulatedMeter } from '../auditor/meters.ts';
import { definitionOf } from '../auditor/meters.ts';
import { chargesOf } from '../auditor/prices.ts';
import type { HttpAnswer } from '../http.ts';
import type { Random } from '../random.ts';
import { PLAN, type SimulatedTenant } from '../tenants.ts';
import type { Actor, Stage } from './actor.ts';

const PAUSE_MS = [3_000, 25_000] as const;
const RETRY_MS = [300, 3_000] as const;
const TRIES_MAX = 500;
const AGGREGATIONS = ['count', 'sum', 'max'] as const;

/** Meters and customers come and go, and plans change, at any moment: all that is certain is what the answers say. */
export function catalogueChanger(tenant: SimulatedTenant): Actor {
  const name = `admin-of-${tenant.key}`;
  return {
    name,
    act: async (stage, random) => {
      const changes = [createMeter, createCustomer, publishVersion, archiveMeter, archiveCustomer];
      const rounds = Math.max(1, Math.round(stage.world.settings.events / 2_000));
      for (let round = 1; round <= rounds; round += 1) {
        for (const change of changes) {
          await stage.world.scheduler.pause(random.int(...PAUSE_MS));
          await change({ stage, name, tenant, random, suffix: String(round) });
          stage.world.counts.countEvent('catalogue_change');
        }
      }
    },
  };
}

interface Change {
  readonly stage: Stage;
  readonly name: string;
  readonly tenant: SimulatedTenant;
  readonly random: Random;
  readonly suffix: string;
}

async function createMeter({ suffix, ...change }: Change): Promise<void> {
  const { tenant, random } = change;
  const aggregation = random.pick(AGGREGATIONS);
  const property = aggregation === 'count' ? null : 'amount';
  const meter: SimulatedMeter = {
    key: `late-${suffix}`,
    eventType: `x${suffix}`,
    aggregation,
    property,
    kind: null,
  };
  const created = begin(change);
  tenant.catalogue.meters.push({ meter, former: [], created, archived: null });
  await post(change, created, '/v1/meters', { key: meter.key, ...definitionOf(meter) });
}

async function archiveMeter({ suffix, ...change }: Change): Promise<void> {
  const known = change.tenant.catalogue.meters.find(({ meter }) => meter.key === `late-${suffix}`);
  if (known === undefined || known.created.doneMs === null) return;
  known.archived = begin(change);
  await post(change, known.archived, `/v1/meters/${known.meter.key}/archive`);
}

async function createCustomer({ suffix, ...change }: Change): Promise<void> {
  const key = `late-${suffix}`;
  const created = begin(change);
  change.tenant.catalogue.customers.push({ key, subjects: [`${key}-app`], created, archived: null });
  const body = { key, name: key, currency: 'USD', subjects: [`${key}-app`] };
  await post(change, created, '/v1/customers', body);
}

async function archiveCustomer({ suffix, ...change }: Change): Promise<void> {
  const known = change.tenant.catalogue.customers.find(({ key }) => key === `late-${suffix}`);
  if (known === undefined || known.created.doneMs === null) return;
  known.archived = begin(change);
  await post(change, known.archived, `/v1/customers/${known.key}/archive`);
}

async function publishVersion({ suffix, ...change }: Change): Promise<void> {
  const version = Number(suffix) + 1;
  const path = `/v1/plans/${PLAN}/versions`;
  const drafted = begin(change);
  await post(change, drafted, path, { charges: chargesOf(version) });
  if (drafted.doneMs === null) return;
  const apply = change.random.pick(['immediately', 'next_period']);
  await post(change, begin(change), `${path}/${version}/publish`, { apply });
}

function begin({ stage }: Pick<Change, 'stage'>): KnownChange {
  return { startedMs: stage.world.scheduler.nowMs(), doneMs: null };
}

/** Tries until it is certain: what an earlier try did answers as a conflict. */
async function post(
  { stage, name, tenant, random }: Omit<Change, 'suffix'>,
  change: KnownChange,
  path: string,
  body: unknown = {},
): Promise<void> {
  const { world, http, auditor } = stage;
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    const answer = await http({ actor: name, method: 'POST', path, secret: tenant.secret, body });
    if (isDone(answer)) {
      change.doneMs = world.scheduler.nowMs();
      return;
    }
    if (answer.kind === 'answer' && answer.status !== 503) {
      auditor.verdict.broken('own', `POST ${path} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
      return;
    }
    await world.scheduler.pause(random.int(...RETRY_MS));
  }
}

const DONE_BEFORE = ['meter.exists', 'customer.exists', 'plan.draft_exists', 'plan.version_published'];

function isDone(answer: HttpAnswer): boolean {
  if (answer.kind !== 'answer') return false;
  if (answer.status === 200 || answer.status === 201) return true;
  return answer.status === 409 && DONE_BEFORE.some((code) => answer.text.includes(code));
}
