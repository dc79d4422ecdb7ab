import type { ApiReader } from '../api-reads.ts';
import type { SimulatedTenant } from '../tenants.ts';
import type { Auditor } from './auditor.ts';
import { inForce } from './catalogue-ledger.ts';
import type { StoredEvent } from './final-events.ts';
import { firstSentMs, identityOf } from './ledger.ts';
import { evaluate } from './meters.ts';

interface ListedEntry {
  readonly entry: string;
  readonly meter: string | null;
  readonly id: string | null;
  readonly source: string | null;
  readonly code: string;
}

/** What a meter could not count is in quarantine with its reason, and nothing else is: P1. */
export async function checkQuarantine(
  auditor: Auditor,
  tenant: SimulatedTenant,
  reader: ApiReader,
  stored: ReadonlyMap<string, StoredEvent>,
): Promise<void> {
  const { verdict } = auditor;
  const listed = (await reader.list<ListedEntry>('/v1/quarantine')) ?? [];
  const found = new Map(
    listed.flatMap(({ id, source, meter, code }) =>
      id === null || source === null || meter === null
        ? []
        : [[`${identityOf({ id, source })} ${meter}`, code]],
    ),
  );
  for (const [key, event] of stored) {
    if (event.listed.status === 'unattributed') continue;
    for (const meter of tenant.catalogue.meters) {
      const outcome = evaluate(meter.meter, event.payload.event);
      const held = inForce(meter, firstSentMs(event.payload));
      const name = `${key} ${meter.meter.key}`;
      const code = found.get(name);
      found.delete(name);
      const expected = outcome.kind === 'quarantined' && held !== 'no' ? outcome.code : undefined;
      if (code === expected || (held === 'maybe' && code === undefined)) {
        if (expected !== undefined) verdict.checked('quarantined');
        continue;
      }
      verdict.broken('P1', `${tenant.key} ${name}: in quarantine as ${code}, should be ${expected}`);
    }
  }
  const poison = listed.filter(({ meter }) => meter === null).length;
  const poisoned = auditor.poisoned.get(tenant.key) ?? 0;
  if (poison !== poisoned) {
    verdict.broken('P1', `${tenant.key}: ${poison} unreadable records are listed of ${poisoned}`);
  }
  const [stranger] = found;
  if (stranger !== undefined)
    verdict.broken('P10', `${tenant.key}: in quarantine without a reason: ${stranger}`);
}
