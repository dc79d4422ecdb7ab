import type { ApiReader } from '../api-reads.ts';
import type { SimulatedTenant } from '../tenants.ts';
import type { Auditor } from './auditor.ts';
import { inForce, type KnownMeter } from './catalogue-ledger.ts';
import { amendedTo } from './corrections.ts';
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
  const found = new Map<string, Set<string>>();
  for (const { id, source, meter, code } of listed) {
    if (id === null || source === null || meter === null) continue;
    const name = `${identityOf({ id, source })} ${meter}`;
    found.set(name, (found.get(name) ?? new Set()).add(code));
  }
  for (const [key, event] of stored) {
    if (event.listed.status === 'unattributed') continue;
    for (const meter of tenant.catalogue.meters) {
      const outcome = evaluate(meter.meter, event.payload.event);
      const held = inForce(meter, firstSentMs(event.payload));
      const name = `${key} ${meter.meter.key}`;
      const codes = found.get(name) ?? new Set();
      const expected = outcome.kind === 'quarantined' && held !== 'no' ? outcome.code : undefined;
      // What an event was wrong by before it was corrected stays listed.
      const earlier = earlierCodes(auditor, tenant, key, meter);
      const unexplained = [...codes].filter((code) => code !== expected && !earlier.has(code));
      if (unexplained.length === 0 && (expected === undefined || codes.has(expected) || held === 'maybe')) {
        found.delete(name);
        if (expected !== undefined) verdict.checked('quarantined');
        continue;
      }
      verdict.broken('P1', `${tenant.key} ${name}: in quarantine as ${[...codes]}, should be ${expected}`);
    }
  }
  const poison = listed.filter(({ meter }) => meter === null).length;
  const poisoned = auditor.poisoned.get(tenant.key) ?? 0;
  if (poison !== poisoned) {
    verdict.broken('P1', `${tenant.key}: ${poison} unreadable records are listed of ${poisoned}`);
  }
  const [stranger] = [...found].filter(([name, codes]) => !isOfCorrected(auditor, tenant, name, codes));
  if (stranger !== undefined)
    verdict.broken(
      'P10',
      `${tenant.key}: in quarantine without a reason: ${JSON.stringify([stranger[0], ...stranger[1]])}`,
    );
}

/** Why an event may once have been in quarantine, before it was corrected or the meter was changed. */
function earlierCodes(
  { events, corrections }: Auditor,
  { key: tenant }: SimulatedTenant,
  key: string,
  { meter, former }: KnownMeter,
): ReadonlySet<string> {
  const revisions = corrections.ofTenant(tenant).get(key);
  const sent = [...(events.ofTenant(tenant).get(key)?.payloads.values() ?? [])].map(({ event }) => event);
  const amended = amendedTo(revisions).flatMap(({ correction: { event } }) => event ?? []);
  // Of what nobody changed, the present code alone explains it.
  const definitions = revisions === undefined ? former : [meter, ...former];
  const codes = definitions.flatMap((definition) =>
    [...sent, ...amended].flatMap((event) => {
      const outcome = evaluate(definition, event);
      return outcome.kind === 'quarantined' ? [outcome.code] : [];
    }),
  );
  return new Set(codes);
}

function isOfCorrected(
  auditor: Auditor,
  tenant: SimulatedTenant,
  name: string,
  codes: ReadonlySet<string>,
): boolean {
  const meter = tenant.catalogue.meters.find(({ meter: { key } }) => name.endsWith(` ${key}`));
  if (meter === undefined) return false;
  const earlier = earlierCodes(auditor, tenant, name.slice(0, -meter.meter.key.length - 1), meter);
  return [...codes].every((code) => earlier.has(code));
}
