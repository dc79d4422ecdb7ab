import type { Usage } from '../../domain/invoicing/invoice.ts';
import { usageFold } from '../../domain/invoicing/usage-fold.ts';
import { assert, defined } from '../../kernel/assert.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { readMeter } from '../meters/read-meter.ts';
import type { MeterRecord } from '../records/meter.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import type { UsageNeed } from './plan-closing.ts';

export type Meters = ReadonlyMap<string, MeterRecord>;
type UsageLookup = (need: UsageNeed) => Usage | null;

const NO_EVENTS = usageFold('count').result().evidence;

/** The meters that are asked, archived ones too: they keep their usage. */
export async function readMeters(
  items: ItemStore,
  tenant: string,
  needs: readonly UsageNeed[],
): Promise<Meters> {
  const keys = [...new Set(needs.map(meterOf))];
  const found = await Promise.all(
    keys.map(async (key) => {
      const meter = await readMeter({ items, tenant, key });
      assert(meter.ok, `meter ${key} of a charge exists`);
      return meter.value;
    }),
  );
  return new Map(found.map((meter) => [meter.key, meter]));
}

/**
 * What meters counted ahead of a fence that has passed: one question for all customers that need the same. The digest is
 * that of no events: the events of a line are read when it becomes final.
 */
export async function readUsage(
  deps: Pick<InvoicingDeps, 'analytics'>,
  input: {
    readonly tenant: string;
    readonly fence: number;
    readonly needs: readonly UsageNeed[];
    readonly meters: Meters;
  },
): Promise<UsageLookup> {
  const { tenant, fence, needs, meters } = input;
  const questions = [...Map.groupBy(needs, questionKey)];
  const answers = new Map<string, Usage>();
  for (const [key, [first, ...others]] of questions) {
    const { charge, segment, customer } = defined(first, 'a need of the question');
    const meter = defined(meters.get(meterOf({ charge })), 'the meter of a charge');
    const found = await deps.analytics.snapshotUsage({
      ...meterRows(tenant, { charge, segment }),
      belowFence: fence,
      aggregation: meter.definition.aggregation,
      generation: 0,
      customers: [...new Set([customer, ...others.map((other) => other.customer)])],
      groupBy: [],
    });
    for (const { customer: counted, value, meterVersion } of found) {
      const usage = { quantity: value ?? '0', unit: meter.unit, meterVersion, evidence: NO_EVENTS };
      answers.set(`${counted}#${key}`, usage);
    }
  }
  return (need) => {
    const meter = meters.get(need.charge.meter ?? '');
    if (meter === undefined) return null;
    const nothing = { quantity: '0', unit: meter.unit, meterVersion: meter.version, evidence: NO_EVENTS };
    return answers.get(`${need.customer}#${questionKey(need)}`) ?? nothing;
  };
}

/** The rows of a meter that a usage charge counts in a segment. */
export function meterRows(tenant: string, { charge, segment }: Pick<UsageNeed, 'charge' | 'segment'>) {
  const { startMs: fromMs, endMs: toMs } = segment;
  return { tenant, meter: meterOf({ charge }), fromMs, toMs, filters: charge.filters ?? {} };
}

function meterOf({ charge }: Pick<UsageNeed, 'charge'>): string {
  return defined(charge.meter, `the meter of ${charge.key}`);
}

function questionKey(need: UsageNeed): string {
  const { meter, fromMs, toMs, filters } = meterRows('', need);
  return canonicalJson([meter, fromMs, toMs, { ...filters }]);
}
