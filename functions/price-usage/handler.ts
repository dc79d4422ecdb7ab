import { type PricingRun, priceUsage } from '../../shared/app/pricing/price-usage.ts';

/** Brings priced amounts up to the last fence that passed. Called by a schedule; the event carries nothing. */
export function createHandler(
  deps: Parameters<typeof priceUsage>[0] & { readonly onPriced: (run: PricingRun) => void },
) {
  const price = priceUsage(deps);
  return async (): Promise<{ readonly rows: number; readonly failures: number }> => {
    const run = await price();
    deps.onPriced(run);
    return { rows: run.rows, failures: run.failures };
  };
}
