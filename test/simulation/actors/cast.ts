import type { Actor, Stage } from './actor.ts';
import { catalogueChanger } from './catalogue-changer.ts';
import { client } from './client.ts';
import { clockAdvancer } from './clock-advancer.ts';
import { corrector } from './corrector.ts';
import { invoiceReader } from './invoice-reader.ts';
import { laneRaiser } from './lane-raiser.ts';
import { lastRefusal } from './last-refusal.ts';
import { meterChanger } from './meter-changer.ts';
import { misfortunes } from './misfortunes.ts';
import { subjectAdder } from './subject-adder.ts';
import { usageReader } from './usage-reader.ts';

const CLIENTS = 3;

/** Who plays: the others go on for as long as the leading ones have something to do. */
export function castOf({ tenants, world }: Stage): {
  readonly leading: readonly Actor[];
  readonly others: readonly Actor[];
} {
  const share = Math.ceil(world.settings.events / (tenants.length * CLIENTS));
  const clients = tenants.flatMap((tenant, at) =>
    Array.from({ length: CLIENTS }, (_, index) =>
      client({ name: `client-${at}${index}`, tenant, events: share }),
    ),
  );
  const advancers = tenants.filter(({ mode }) => mode === 'test').map(clockAdvancer);
  return {
    leading: [
      ...clients,
      ...tenants.map(catalogueChanger),
      ...tenants.map(corrector),
      ...tenants.map(subjectAdder),
      ...(world.settings.isWhole
        ? tenants.flatMap((tenant) => [meterChanger(tenant), laneRaiser(tenant)])
        : []),
      ...advancers,
      misfortunes,
      ...lastRefusal(tenants[world.settings.refusedToTheEnd ?? -1]),
    ],
    others: [...tenants.map(usageReader), ...tenants.map(invoiceReader)],
  };
}
