import type { AdvanceDeps } from '../../shared/app/clock/advance-clock.ts';
import type { InvoicingDeps } from '../../shared/app/invoicing/invoicing-deps.ts';
import type { JourneyDeps } from '../../shared/app/journey/read-journey.ts';
import type { IssueKeyDeps } from '../../shared/app/keys/issue-key.ts';
import type { queryMeterUsage } from '../../shared/app/metering/meter-usage.ts';
import type { HttpHandlerDeps } from '../_kit/http-handler.ts';
import type { MetricsRegistry } from '../_kit/metrics.ts';

export interface ServeApiDeps extends HttpHandlerDeps, IssueKeyDeps, AdvanceDeps, JourneyDeps {
  readonly queryUsage: ReturnType<typeof queryMeterUsage>;
  /** Lines of long invoices, and evidence. */
  readonly objects: InvoicingDeps['objects'];
  readonly registry: MetricsRegistry;
  /** Whether `GET /metrics` takes no key: where only the own machine or network can ask. */
  readonly publicMetrics: boolean;
  /** Whether the process can answer now. */
  readonly isReady: () => boolean | Promise<boolean>;
}
