import type { KnownMeter } from '../auditor/catalogue-ledger.ts';
import { definitionOf, type SimulatedMeter } from '../auditor/meters.ts';
import type { SimulatedTenant } from '../tenants.ts';
import type { Actor } from './actor.ts';
import { type Administrator, administer } from './administer.ts';

const PAUSE_MS = [10_000, 50_000] as const;
const CHANGES_MAX = 3;
const EVER = { from: '2026-01-01T00:00:00Z', to: '2027-06-01T00:00:00Z' };

/** What meters become. Those that invoices bill keep their aggregation. */
const CHANGES: readonly (Partial<SimulatedMeter> & Pick<SimulatedMeter, 'key'>)[] = [
  { key: 'volume', property: 'amount', kind: null },
  { key: 'volume', property: 'size', kind: 'small' },
  { key: 'spend', property: 'size' },
  { key: 'calls', kind: 'big' },
  { key: 'users', property: 'level' },
  { key: 'mean', aggregation: 'max' },
  { key: 'low', property: 'level', eventType: 'visit' },
];

/** Makes meters count otherwise, and then all that was counted before. */
export function meterChanger(tenant: SimulatedTenant): Actor {
  const name = `meters-of-${tenant.key}`;
  return {
    name,
    act: async (stage, random) => {
      const versions = new Map<string, number>();
      for (let change = 0; change < CHANGES_MAX; change += 1) {
        await stage.world.scheduler.pause(random.int(...PAUSE_MS));
        const chosen = random.pick(CHANGES);
        const version = versions.get(chosen.key) ?? 1;
        versions.set(chosen.key, version + 1);
        await changeMeter(
          { stage, name, tenant, random },
          { ...chosen, version, known: known(tenant, chosen.key) },
        );
      }
    },
  };
}

function known(tenant: SimulatedTenant, key: string): KnownMeter | undefined {
  return tenant.catalogue.meters.find(({ meter }) => meter.key === key);
}

async function changeMeter(
  self: Administrator,
  input: Partial<SimulatedMeter> & {
    readonly version: number;
    readonly known: KnownMeter | undefined;
  },
): Promise<void> {
  const { version, known: meter, ...changes } = input;
  if (meter === undefined) return;
  meter.former.push(meter.meter);
  meter.meter = { ...meter.meter, ...changes };
  const { key } = meter.meter;
  const body = { value: null, filter: null, ...definitionOf(meter.meter) };
  await administer(self, {
    method: 'PATCH',
    path: `/v1/meters/${key}`,
    body,
    ifMatch: version,
    // Nobody else changes meters: who did is an earlier try.
    wasDone: ({ status }) => status === 412,
  });
  await administer(self, { method: 'POST', path: `/v1/meters/${key}/backfill`, body: EVER });
}
