import type { SimulatedTenant } from '../tenants.ts';
import type { Auditor } from './auditor.ts';
import { customerNamed } from './catalogue-ledger.ts';
import { amendedTo } from './corrections.ts';
import { exact } from './exact.ts';
import type { MeteredEvent } from './final-usage.ts';
import type { EvidenceEvent } from './invoices.ts';
import { identityOf, mayBeStored } from './ledger.ts';
import { evaluate } from './meters.ts';

/** What a row of evidence counted, where somebody once said that the event is like that; undefined: nobody did. */
export function earlierEvent(
  { events, corrections }: Auditor,
  tenant: SimulatedTenant,
  input: {
    readonly customer: string;
    readonly meter: string;
    readonly regions: readonly string[] | undefined;
    readonly fromMs: number;
    readonly toMs: number;
    readonly event: EvidenceEvent;
  },
): MeteredEvent | undefined {
  const { customer, meter, regions, fromMs, toMs, event } = input;
  const key = identityOf(event);
  const revisions = corrections.ofTenant(tenant.key).get(key);
  const known = tenant.catalogue.meters.find((each) => each.meter.key === meter);
  if (known === undefined) return undefined;
  const sent = [...(events.ofTenant(tenant.key).get(key)?.payloads.values() ?? [])];
  const amended = amendedTo(revisions).flatMap(({ correction, attempts }) =>
    correction.event === null ? [] : [{ event: correction.event, attempts }],
  );
  const timeMs = Date.parse(event.time);
  if (timeMs < fromMs || timeMs >= toMs) return undefined;
  const all = [...sent, ...amended].filter(mayBeStored);
  const readings = [known.meter, ...known.former].flatMap((by) =>
    all.map(({ event: said }) => ({ by, said })),
  );
  for (const { by, said } of readings) {
    const outcome = evaluate(by, said);
    const isSame =
      outcome.kind === 'counted' &&
      outcome.quantity === exact(event.quantity) &&
      outcome.uniqueKey === event.uniqueKey &&
      (regions === undefined || regions.includes(outcome.region ?? '')) &&
      // Where no time was sent, only the product knows it.
      (said.time === undefined || Date.parse(said.time) === timeMs) &&
      customerNamed(tenant.catalogue, said.customer)?.key === customer;
    if (!isSame) continue;
    const { source, id, uniqueKey } = event;
    return { source, id, timeMs, quantity: outcome.quantity, uniqueKey, customer, region: outcome.region };
  }
  return undefined;
}
