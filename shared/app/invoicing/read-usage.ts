import type { Usage } from '../../domain/invoicing/invoice.ts';
import { usageFold } from '../../domain/invoicing/usage-fold.ts';
import { assert, defined } from '../../kernel/assert.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { readMeter } from '../meters/read-meter.ts';
import type { MeterRecord } from '../records/meter.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { lineQuestions, meterOf, needKey } from './line-questions.ts';
import type { UsageNeed } from './plan-closing.ts';

export type Meters = ReadonlyMap<string, MeterRecord>;

interface UsageRead {
  /** Null where the charge has no meter. */
  usageOf(need: UsageNeed): Usage | null;
  /** How many events make it, without those that were taken back. */
  eventsOf(need: UsageNeed): number;
}

const NO_EVENTS = usageFold('count').result().evidence;

/** The meters that are asked, archived ones too: they keep their usage. */
export async function readMeters(
  items: ItemStore,
  tenant: string,
  needs: readonly UsageNeed[],
): Promise<Meters> {
  const keys = [...new Set(needs.map(({ charge }) => meterOf(charge)))];
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
 * What meters counted ahead of a fence that has passed, in as few questions as there can be. The digest is that of no
 * events: the events of a line are read when it becomes final.
 */
export async function readUsage(
  deps: Pick<InvoicingDeps, 'analytics'>,
  input: {
    readonly tenant: string;
    readonly fence: number;
    readonly needs: readonly UsageNeed[];
    readonly meters: Meters;
  },
): Promise<UsageRead> {
  const { tenant, fence, needs, meters } = input;
  const answers = new Map<string, { readonly usage: Usage; readonly events: number }>();
  for (const { lines, spans, keyAt } of lineQuestions(needs)) {
    const asked = lines.map((line) => ({ ...line, meterRecord: meterAt(meters, line.meter) }));
    const found = await deps.analytics.snapshotUsage({
      tenant,
      lines: asked.map(({ meter, filters, meterRecord }) => {
        return { meter, filters, aggregation: meterRecord.definition.aggregation };
      }),
      spans,
      belowFence: fence,
    });
    for (const { line, span, count, value, meterVersion } of found) {
      const unit = defined(asked[line], 'a line that was asked for').meterRecord.unit;
      const usage = { quantity: value ?? '0', unit, meterVersion, evidence: NO_EVENTS };
      answers.set(keyAt(line, span), { usage, events: Number(count) });
    }
  }
  return {
    usageOf: (need) => {
      const meter = meters.get(need.charge.meter ?? '');
      if (meter === undefined) return null;
      const nothing = { quantity: '0', unit: meter.unit, meterVersion: meter.version, evidence: NO_EVENTS };
      return answers.get(needKey(need))?.usage ?? nothing;
    },
    eventsOf: (need) => answers.get(needKey(need))?.events ?? 0,
  };
}

function meterAt(meters: Meters, key: string): MeterRecord {
  return defined(meters.get(key), 'the meter of a charge');
}
