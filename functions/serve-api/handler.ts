import type { Binding } from '../_kit/call.ts';
import { createHttpHandler, type HttpHandler } from '../_kit/http-handler.ts';
import { backfillRoutes } from './backfill-routes.ts';
import { chargeRoutes } from './charge-routes.ts';
import { clockRoutes } from './clock-routes.ts';
import { correctionRoutes } from './correction-routes.ts';
import { customerRoutes } from './customer-routes.ts';
import type { ServeApiDeps } from './deps.ts';
import { docsRoutes } from './docs-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { invoiceRoutes } from './invoice-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { meterRoutes } from './meter-routes.ts';
import { planRoutes } from './plan-routes.ts';
import { planVersionRoutes } from './plan-version-routes.ts';
import { subscriptionRoutes } from './subscription-routes.ts';
import { systemRoutes } from './system-routes.ts';
import { tenantRoutes } from './tenant-routes.ts';
import { usageRoutes } from './usage-routes.ts';

/** Every route of the API but `POST /v1/events`, which scales by itself. */
export function serveApiBindings(deps: ServeApiDeps): readonly Binding[] {
  return [
    ...systemRoutes(deps),
    ...tenantRoutes(deps),
    ...keyRoutes(deps),
    ...customerRoutes(deps),
    ...meterRoutes(deps),
    ...usageRoutes(deps),
    ...planRoutes(deps),
    ...planVersionRoutes(deps),
    ...subscriptionRoutes(deps),
    ...eventRoutes(deps),
    ...correctionRoutes(deps),
    ...jobRoutes(deps),
    ...backfillRoutes(deps),
    ...invoiceRoutes(deps),
    ...chargeRoutes(deps),
    ...clockRoutes(deps),
  ];
}

export function createHandler(deps: ServeApiDeps): HttpHandler {
  return createHttpHandler(deps, [...serveApiBindings(deps), ...docsRoutes(deps)]);
}
