import { usagePath } from '../actors/usage-reader.ts';
import type { ApiReader } from '../api-reads.ts';
import type { SimulatedTenant } from '../tenants.ts';
import type { Auditor } from './auditor.ts';
import { inForce, type KnownMeter } from './catalogue-ledger.ts';
import type { StoredEvent } from './final-events.ts';
import { type CountedEvent, fold } from './fold.ts';
import { firstSentMs } from './ledger.ts';
import { evaluate } from './meters.ts';

/** An event as a meter counts it, with what usage is grouped by. */
export interface MeteredEvent extends CountedEvent {
  readonly customer: string;
  readonly region: string | null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What each meter counts of the stored events, by the auditor's own reading of them. */
export async function meterEvents(
  reader: ApiReader,
  tenant: SimulatedTenant,
  stored: Iterable<StoredEvent>,
): Promise<ReadonlyMap<string, readonly MeteredEvent[]>> {
  const counted = new Map<string, MeteredEvent[]>(
    tenant.catalogue.meters.map(({ meter }) => [meter.key, []]),
  );
  for (const event of stored) {
    if (event.listed.status === 'unattributed' || event.listed.customer === null) continue;
    for (const meter of tenant.catalogue.meters) {
      const outcome = evaluate(meter.meter, event.payload.event);
      if (outcome.kind !== 'counted' || !(await isCounting(reader, meter, event))) continue;
      const { source, id } = event.identity;
      const { customer, time } = event.listed;
      const { quantity, uniqueKey, region } = outcome;
      counted
        .get(meter.meter.key)
        ?.push({ source, id, timeMs: Date.parse(time), quantity, uniqueKey, customer, region });
    }
  }
  return counted;
}

/** Where a meter came or went while the event was under way, only the event's own journey says which was first. */
async function isCounting(reader: ApiReader, meter: KnownMeter, event: StoredEvent): Promise<boolean> {
  const held = inForce(meter, firstSentMs(event.payload));
  if (held !== 'maybe') return held === 'yes';
  const { source, id } = event.identity;
  const journey = await reader.get(
    `/v1/events/${encodeURIComponent(id)}?source=${encodeURIComponent(source)}`,
  );
  const meters = (journey?.meters ?? []) as readonly { readonly meter: string }[];
  return meters.some(({ meter: key }) => key === meter.meter.key);
}

/** Every question about usage is answered with the same fold over the events that are stored: P3. */
export async function checkUsage(
  auditor: Auditor,
  tenant: SimulatedTenant,
  reader: ApiReader,
  metered: ReadonlyMap<string, readonly MeteredEvent[]>,
): Promise<void> {
  for (const { meter, created } of tenant.catalogue.meters) {
    if (created.doneMs === null) continue;
    const events = metered.get(meter.key) ?? [];
    const times = events.map(({ timeMs }) => timeMs);
    const fromMs = Math.floor(Math.min(Date.UTC(2026, 10, 24), ...times) / DAY_MS) * DAY_MS;
    const toMs = Math.floor(Math.max(Date.UTC(2026, 10, 24), ...times) / DAY_MS) * DAY_MS + DAY_MS;
    const whole = { fromMs, toMs, customer: null, region: null };
    const ask = { auditor, tenant, reader, key: meter.key, aggregation: meter.aggregation, events };
    await checkAnswer(ask, usagePath(meter.key, whole));
    await checkAnswer(ask, `${usagePath(meter.key, whole)}&groupBy=customer`);
    await checkAnswer(ask, `${usagePath(meter.key, whole)}&groupBy=region`);
    await checkAnswer(ask, `${usagePath(meter.key, { ...whole, region: 'eu' })}&window=day`);
    const middle = times[Math.floor(times.length / 2)] ?? fromMs;
    const hours = { ...whole, fromMs: middle - 90 * 60_000 + 1, toMs: middle + 90 * 60_000 };
    await checkAnswer(ask, `${usagePath(meter.key, hours)}&window=hour&groupBy=customer`);
    await checkAnswer(ask, usagePath(meter.key, { ...hours, customer: 'ada' }));
  }
}

interface Asked {
  readonly auditor: Auditor;
  readonly tenant: SimulatedTenant;
  readonly reader: ApiReader;
  readonly key: string;
  readonly aggregation: KnownMeter['meter']['aggregation'];
  readonly events: readonly MeteredEvent[];
}

interface UsageRow {
  readonly from: string;
  readonly to: string;
  readonly value: string | null;
  readonly dimensions: Readonly<Record<string, string | null>>;
}

async function checkAnswer(
  { auditor, tenant, reader, key, aggregation, events }: Asked,
  path: string,
): Promise<void> {
  const { verdict } = auditor;
  const answer = await reader.get(path);
  if (answer === null)
    return verdict.broken('P3', `${tenant.key}: ${path} has no answer although nothing fails`);
  const asked = new URL(path, 'http://simulation').searchParams;
  const [from, to] = [Date.parse(asked.get('from') ?? ''), Date.parse(asked.get('to') ?? '')];
  const isAsked = (event: MeteredEvent) =>
    event.timeMs >= from &&
    event.timeMs < to &&
    (asked.get('customer') ?? event.customer) === event.customer &&
    (asked.get('filter[region]') ?? event.region) === event.region;
  const inScope = events.filter(isAsked);
  const rows = answer.data as readonly UsageRow[];
  let counted = 0;
  for (const row of rows) {
    const members = inScope.filter((event) => isOfRow(event, row));
    counted += members.length;
    const expected = fold(aggregation, members);
    verdict.checked('usage answers when all is quiet');
    if (row.value === expected) continue;
    const detail = `${JSON.stringify(row)} should be ${expected}, by ${members.map(({ id }) => id).slice(0, 20)}`;
    return verdict.broken('P3', `${tenant.key}/${key}: ${path}: ${detail}`);
  }
  if (counted === inScope.length) return;
  const missing = inScope.filter((event) => !rows.some((row) => isOfRow(event, row)));
  verdict.broken('P3', `${tenant.key}/${key}: ${path}: no row has ${missing.map(({ id }) => id)}`);
}

function isOfRow(event: MeteredEvent, { from, to, dimensions }: UsageRow): boolean {
  const { customer = event.customer, region = event.region } = dimensions;
  return (
    event.timeMs >= Date.parse(from) &&
    event.timeMs < Date.parse(to) &&
    event.customer === customer &&
    event.region === region
  );
}
