import type { Context } from 'aws-lambda';
import { exposeItemUnits } from '../functions/_kit/item-metrics.ts';
import type { AppLogger } from '../functions/_kit/logger.ts';
import type { PathMetrics } from '../functions/_kit/path-metrics.ts';
import { createHandler as createConsumer } from '../functions/consume-events/handler.ts';
import { createHandler as createIngest } from '../functions/ingest-events/handler.ts';
import { createHandler as createFenceIssuer } from '../functions/issue-fences/handler.ts';
import { createHandler as createPricer } from '../functions/price-usage/handler.ts';
import { createHandler as createJobRunner } from '../functions/run-jobs/handler.ts';
import { createHandler as createApi } from '../functions/serve-api/handler.ts';
import { createHandler as createSweeper } from '../functions/sweep-chunks/handler.ts';
import { createInstalledDocsAssets } from '../shared/adapters/docs-assets/installed-assets.ts';
import { createInstalledFonts } from '../shared/adapters/pdf/font-files.ts';
import { renderInvoicePdf } from '../shared/adapters/pdf/render-invoice-pdf.ts';
import { authenticateSecret } from '../shared/app/auth/authenticate-secret.ts';
import { createCatalogueReader } from '../shared/app/catalogue/read-catalogue.ts';
import type { AdvanceDeps } from '../shared/app/clock/advance-clock.ts';
import type { ConsumeDeps } from '../shared/app/consume/consume-deps.ts';
import type { StepRunner } from '../shared/app/consume/steps.ts';
import { drawFence } from '../shared/app/fences/issue-fences.ts';
import { createGenerationsReader } from '../shared/app/generations/read-generations.ts';
import { createAcceptanceClock } from '../shared/app/ingest/acceptance-clock.ts';
import { ingestEvents } from '../shared/app/ingest/ingest-events.ts';
import { createRateLimiter } from '../shared/app/limits/rate-limiter.ts';
import { queryMeterUsage } from '../shared/app/metering/meter-usage.ts';
import { createEnvelopeProducer } from '../shared/app/stream/envelope-producer.ts';
import { createSubLaneCounts } from '../shared/app/stream/sub-lane-counts.ts';
import { SCHEDULES } from '../shared/contracts/schedules.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { IdSource } from '../shared/ports/id-source.ts';
import type { StoreError } from '../shared/ports/store-error.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Stores } from './stores.ts';

export interface RuntimeDeps {
  readonly stores: Stores;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: AppLogger;
  readonly pepper: string;
  readonly publicMetrics: boolean;
  readonly isReady: () => boolean | Promise<boolean>;
  readonly runDue: AdvanceDeps['runDue'];
  /** Its own when absent. */
  readonly metrics?: Metrics;
  /** Between the steps of the consumer; measured anyway. */
  readonly aroundStep?: StepRunner;
}

/** The functions of an installation, each with what it needs, as AWS would have them. */
export function createRuntime(deps: RuntimeDeps) {
  const { stores, clock, ids, logger, pepper } = deps;
  const measured = deps.metrics ?? createMetrics({ clock });
  const { registry, http, path: metrics, pricing } = measured;
  metrics.watchAnalytics(() => stores.isAnalyticsDown?.() ?? false);
  if (stores.itemUnits !== undefined) exposeItemUnits(registry, stores.itemUnits);
  const { items, stream, objects, analytics } = stores;
  const fences = { items, stream, clock, delayMs: 0 };
  const callers = createCallers(deps, measured);
  const consume = consumeDeps(deps, metrics);
  const warn = (message: string) => (thrown: unknown) =>
    logger.warn(message, { error: thrown instanceof Error ? thrown : new Error(String(thrown)) });
  const accepting = createAcceptance(deps, http);
  const ingest = createIngestion(deps, callers, { ...measured, accepting });
  const api = createApi({
    ...accepting,
    items,
    ids,
    pepper,
    ...callers,
    logger,
    metrics: http,
    registry,
    readDocsAsset: createInstalledDocsAssets(),
    publicMetrics: deps.publicMetrics,
    isReady: deps.isReady,
    analytics,
    objects,
    renderInvoicePdf: createPrinter(),
    drawFence: drawFence(fences),
    runDue: deps.runDue,
    queryUsage: queryMeterUsage({ items, analytics }),
  });
  return {
    ingest: (event: Parameters<typeof ingest>[0], _context: Context) => ingest(event),
    api,
    consume: createConsumer({
      ...consume,
      onBatch: metrics.consumed,
      onFailure: warn('a batch was not handled and comes again'),
    }),
    runJobs: createJobRunner({
      items,
      objects,
      stream,
      analytics,
      clock,
      ids,
      onFailure: (job, thrown) => warn(`the job ${job} was stopped and is gone on with`)(thrown),
    }),
    sweep: createSweeper({ ...consume, onSwept: metrics.swept }),
    priceUsage: createPricer(pricingDeps(deps, pricing)),
    issueFence: createFenceIssuer({
      ...fences,
      issuer: ids.uuid(),
      leaseMs: 3 * SCHEDULES.issueFences.everyMs,
    }),
  };
}

export type Runtime = ReturnType<typeof createRuntime>;

/** Who calls, and how much they may: one of each a process, for both remember. */
function createCallers({ stores, clock, logger, pepper }: RuntimeDeps, { limits }: Metrics) {
  const { items } = stores;
  return {
    authenticateSecret: authenticateSecret({ items, clock, pepper }),
    takeTokens: createRateLimiter({
      items,
      clock,
      onRefused: limits.refused,
      onOutage: (error) => {
        limits.outage();
        logger.warn('what is left of a limit cannot be read', { error });
      },
    }),
  };
}

/** What puts events and corrections into the stream. */
function createAcceptance({ stores, clock, ids, logger }: RuntimeDeps, http: Metrics['http']) {
  const { items, stream } = stores;
  const onOutage = (error: StoreError) => {
    http.outage(error.reason);
    logger.warn('the stream took no events', { error });
  };
  const subLanes = createSubLaneCounts({ items, clock });
  return {
    producer: createEnvelopeProducer({ stream, clock, producer: ids.uuid(), subLanes, onOutage }),
    acceptanceClock: createAcceptanceClock({ items, clock }),
    clock,
  };
}

function createIngestion(
  { clock, ids, logger }: RuntimeDeps,
  callers: ReturnType<typeof createCallers>,
  { http, path, accepting }: Metrics & { readonly accepting: ReturnType<typeof createAcceptance> },
) {
  return createIngest({
    ...callers,
    ingest: ingestEvents(accepting),
    ids,
    logger,
    onAnswer: path.answered,
    clock,
    metrics: http,
  });
}

function consumeDeps(deps: RuntimeDeps, metrics: PathMetrics): ConsumeDeps {
  const { stores, clock, ids, logger, aroundStep } = deps;
  const { items, objects, claims, analytics } = stores;
  return {
    items,
    objects,
    claims,
    analytics,
    clock,
    ids,
    readCatalogue: createCatalogueReader({ items }),
    readGenerations: createGenerationsReader({ items }),
    runStep: (step, work) =>
      metrics.runStep(step, aroundStep === undefined ? work : () => aroundStep(step, work)),
    onUnfinished: (chunk, reason) => {
      metrics.unfinished();
      const error = reason instanceof Error ? reason : new Error(String(reason));
      logger.warn('a chunk stays open and is tried again', { chunk, error });
    },
  };
}

function pricingDeps(
  { stores, clock, logger }: RuntimeDeps,
  pricing: Metrics['pricing'],
): Parameters<typeof createPricer>[0] {
  const { items, analytics } = stores;
  return {
    items,
    analytics,
    clock,
    onPriced: pricing.priced,
    onUnpriced: (charge) => logger.warn('a charge could not be priced', { ...charge }),
    onFailure: (tenant, thrown) => {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      logger.error('usage of a tenant was not priced and is tried again', { tenant, error });
    },
  };
}

/** Names are all that the printer is told of both sides yet. */
function createPrinter(): Parameters<typeof createApi>[0]['renderInvoicePdf'] {
  const readFont = createInstalledFonts();
  return ({ invoice, seller, customer, paper }) =>
    renderInvoicePdf({
      invoice,
      seller: { ...seller, addressLines: [] },
      customer: { ...customer, addressLines: [] },
      paper,
      readFont,
    });
}
