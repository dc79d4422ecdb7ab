import type { Analytics } from '../../ports/analytics.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { InvoicingDeps } from '../invoicing/invoicing-deps.ts';

export interface PricingDeps {
  readonly items: ItemStore;
  readonly analytics: InvoicingDeps['analytics'] &
    Pick<Analytics, 'priced' | 'putPriced' | 'customersChanged'>;
  readonly clock: Clock;
  /** Told of every charge that could not be priced: somebody must look. */
  readonly onUnpriced: (charge: {
    readonly tenant: string;
    readonly subscription: string;
    readonly charge: string;
    readonly reason: string;
  }) => void;
  /** Told of every tenant that could not be priced this time; the others were. */
  readonly onFailure: (tenant: string, error: unknown) => void;
}
