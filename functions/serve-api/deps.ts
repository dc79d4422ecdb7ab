import type { ClockDeps } from '../../shared/app/clock/tenant-clock.ts';
import type { ReadInvoicesDeps } from '../../shared/app/invoicing/read-invoices.ts';
import type { RenderInvoicePdf } from '../../shared/app/invoicing/show-invoice.ts';
import type { JourneyDeps } from '../../shared/app/journey/read-journey.ts';
import type { IssueKeyDeps } from '../../shared/app/keys/issue-key.ts';
import type { HttpHandlerDeps } from '../_kit/http-handler.ts';
import type { MetricsRegistry } from '../_kit/metrics.ts';
import type { QueryUsage } from './usage-routes.ts';

export interface ServeApiDeps
  extends HttpHandlerDeps,
    IssueKeyDeps,
    ClockDeps,
    JourneyDeps,
    ReadInvoicesDeps {
  readonly queryUsage: QueryUsage;
  readonly renderInvoicePdf: RenderInvoicePdf;
  readonly registry: MetricsRegistry;
  /** Whether `GET /metrics` takes no key: where only the own machine or network can ask. */
  readonly publicMetrics: boolean;
  /** Whether the process can answer now. */
  readonly isReady: () => boolean | Promise<boolean>;
}
