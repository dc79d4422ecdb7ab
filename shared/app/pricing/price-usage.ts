import { type Decimal, decimal } from '../../kernel/decimal.ts';
import { priceTenant } from './price-tenant.ts';
import type { PricedBatch } from './price-units.ts';
import type { PricingDeps } from './pricing-deps.ts';
import { listMarkers } from './pricing-marker.ts';

/** What a run did. */
export interface PricingRun {
  readonly rows: number;
  /** Charges that could not be priced. */
  readonly unpriced: number;
  /** Tenants that could not be priced to the end. */
  readonly failures: number;
  /** By how much amounts changed, by currency: for metrics, not for books. */
  readonly changes: ReadonlyMap<string, Decimal>;
}

/**
 * Brings the absolute amounts of all tenants up to the last fence that passed in their lanes. Amounts are totals, so a run
 * that is killed anywhere, or two at the same time, come to the same rows as one. Tenants take turns, batch by batch; one
 * that fails is told of and does not keep the others.
 */
export function priceUsage(deps: PricingDeps): () => Promise<PricingRun> {
  return async () => {
    const markers = await listMarkers(deps.items);
    let waiting = markers.map((marker) => ({ tenant: marker.tenant, batches: priceTenant(deps, marker) }));
    const done: PricedBatch[] = [];
    let failures = 0;
    while (waiting.length > 0) {
      const unfinished: typeof waiting = [];
      for (const pricing of waiting) {
        try {
          const next = await pricing.batches.next();
          if (next.done === true) continue;
          done.push(next.value);
          unfinished.push(pricing);
        } catch (thrown) {
          failures += 1;
          deps.onFailure(pricing.tenant, thrown);
        }
      }
      waiting = unfinished;
    }
    return { ...sumOf(done), failures };
  };
}

function sumOf(batches: readonly PricedBatch[]): PricedBatch {
  const changes = new Map<string, Decimal>();
  for (const [currency, change] of batches.flatMap((batch) => [...batch.changes])) {
    changes.set(currency, (changes.get(currency) ?? decimal(0)).plus(change));
  }
  return {
    rows: batches.reduce((sum, batch) => sum + batch.rows, 0),
    unpriced: batches.reduce((sum, batch) => sum + batch.unpriced, 0),
    changes,
  };
}
