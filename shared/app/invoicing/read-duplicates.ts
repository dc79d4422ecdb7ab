import { defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { DuplicateRow } from '../../ports/analytics.ts';
import { readTenant } from '../tenants/read-tenant.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import type { UsageNeed } from './plan-closing.ts';

/** Why a line cannot be billed; null where its events stand once each. */
type DuplicateLookup = (need: UsageNeed) => string | null;

/**
 * Whether events of tenants that pack claims by time came again with another time, and so were counted twice. A line whose
 * customer and meter have such an event within its segment is not billed until what is too much is taken back.
 */
export async function readDuplicates(
  deps: Pick<InvoicingDeps, 'items' | 'analytics'>,
  input: { readonly tenant: string; readonly fence: number; readonly needs: readonly UsageNeed[] },
): Promise<DuplicateLookup> {
  const { tenant, fence, needs } = input;
  const { claims } = defined(await readTenant(deps.items, tenant), `tenant ${tenant}`);
  if (claims !== 'packed-by-time' || needs.length === 0) return () => null;
  const segments = needs.map(({ segment }) => segment);
  const found = await deps.analytics.duplicatesOf({
    tenant,
    meters: [...new Set(needs.flatMap(({ charge }) => charge.meter ?? []))],
    // The other time of an event may lie in an earlier period.
    fromMs: Math.min(...segments.map(({ startMs }) => startMs)) - LIMITS.claimHorizonMs,
    toMs: Math.max(...segments.map(({ endMs }) => endMs)),
    belowFence: fence,
    limit: LIMITS.duplicatesListed,
  });
  // There may be more: then nobody can say which lines have none.
  if (found.length === LIMITS.duplicatesListed) return () => reasonOf(found);
  return (need) => {
    const touching = found.filter((duplicate) => touches(duplicate, need));
    return touching.length === 0 ? null : reasonOf(touching);
  };
}

function touches(duplicate: DuplicateRow, { customer, charge, segment }: UsageNeed): boolean {
  const { meter, customers, timesMs } = duplicate;
  const places = LIMITS.duplicatePlaces;
  return (
    meter === charge.meter &&
    (customers.length === places || customers.includes(customer)) &&
    (timesMs.length === places ||
      timesMs.some((timeMs) => timeMs >= segment.startMs && timeMs < segment.endMs))
  );
}

function reasonOf(found: readonly DuplicateRow[]): string {
  const { standing, meter, source, id } = defined(found[0], 'an event that stands more than once');
  const others = found.length === 1 ? '' : ` and ${found.length - 1} other events`;
  return `${meter} counts an event ${standing} times, for it came with several times${others}: ${source}/${id}`;
}
