import type { ReadDocsAsset } from '../../shared/adapters/docs-assets/installed-assets.ts';
import type { AdvanceDeps } from '../../shared/app/clock/advance-clock.ts';
import type { SendCorrectionDeps } from '../../shared/app/corrections/send-correction.ts';
import type { ReadInvoicesDeps } from '../../shared/app/invoicing/read-invoices.ts';
import type { RenderInvoicePdf } from '../../shared/app/invoicing/show-invoice.ts';
import type { JourneyDeps } from '../../shared/app/journey/read-journey.ts';
import type { IssueKeyDeps } from '../../shared/app/keys/issue-key.ts';
import type { queryMeterUsage } from '../../shared/app/metering/meter-usage.ts';
import type { HttpHandlerDeps } from '../_kit/http-handler.ts';
import type { MetricsRegistry } from '../_kit/metrics.ts';

export interface ServeApiDeps
  extends HttpHandlerDeps,
    IssueKeyDeps,
    AdvanceDeps,
    JourneyDeps,
    ReadInvoicesDeps,
    SendCorrectionDeps {
  readonly queryUsage: ReturnType<typeof queryMeterUsage>;
  readonly renderInvoicePdf: RenderInvoicePdf;
  readonly readDocsAsset: ReadDocsAsset;
  readonly registry: MetricsRegistry;
  /** Whether `GET /metrics` takes no key: where only the own machine or network can ask. */
  readonly publicMetrics: boolean;
  /** Whether the process can answer now. */
  readonly isReady: () => boolean | Promise<boolean>;
}
