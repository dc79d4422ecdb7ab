import type { ClockDeps } from '../../shared/app/clock/tenant-clock.ts';
import type { JourneyDeps } from '../../shared/app/journey/read-journey.ts';
import type { IssueKeyDeps } from '../../shared/app/keys/issue-key.ts';
import type { InvoiceJson } from '../../shared/domain/invoicing/invoice-json.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { HttpHandlerDeps } from '../_kit/http-handler.ts';
import type { MetricsRegistry } from '../_kit/metrics.ts';
import type { QueryUsage } from './usage-routes.ts';

export interface ServeApiDeps extends HttpHandlerDeps, IssueKeyDeps, ClockDeps, JourneyDeps {
  readonly queryUsage: QueryUsage;
  /** Lines of long invoices, and evidence. */
  readonly objects: ObjectStore;
  /** The whole invoice on paper, as PDF. */
  readonly renderInvoicePdf: (input: {
    readonly invoice: InvoiceJson;
    readonly seller: { readonly name: string };
    readonly customer: { readonly name: string };
  }) => Promise<Uint8Array>;
  readonly registry: MetricsRegistry;
  /** Whether `GET /metrics` takes no key: where only the own machine or network can ask. */
  readonly publicMetrics: boolean;
  /** Whether the process can answer now. */
  readonly isReady: () => boolean | Promise<boolean>;
}
