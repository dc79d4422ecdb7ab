import type { AnalyticsReader } from '../../ports/analytics.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';

export interface InvoicingDeps {
  readonly items: ItemStore;
  readonly objects: ObjectStore;
  readonly analytics: Pick<AnalyticsReader, 'snapshotUsage' | 'evidence' | 'duplicatesOf'>;
  readonly clock: Clock;
  /** Told of every line that could not be made: somebody must look, the customer is billed without it. */
  readonly onQuarantined: (line: {
    readonly tenant: string;
    readonly invoice: string;
    readonly charge: string;
    readonly reason: string;
  }) => void;
  /** Puts a fence into the tenant's lanes and answers its number. */
  readonly drawFence: (input: { readonly tenant: string }) => Promise<number>;
}
