import type { EventFormat } from '../../shared/app/ingest/event-list.ts';
import type { ingestEvents } from '../../shared/app/ingest/ingest-events.ts';
import type { TakeTokens } from '../../shared/app/limits/rate-limiter.ts';
import type { IngestAnswer } from '../../shared/contracts/event.ts';
import { appError } from '../../shared/kernel/errors.ts';
import { parseJsonExactly } from '../../shared/kernel/json-source.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { err } from '../../shared/kernel/result.ts';
import { authenticate, type HttpAuthDeps, requireScope } from '../_kit/authenticate.ts';
import type { HttpMetrics } from '../_kit/metrics.ts';
import { quotaHeaders } from '../_kit/quota-headers.ts';
import { mediaType, readBody } from '../_kit/read-body.ts';
import { type ApiEvent, type ApiResult, requestIdOf } from '../_kit/request.ts';
import { problem, toApiResult } from '../_kit/response.ts';
import { type ErrorLogger, unexpectedError } from '../_kit/unexpected.ts';

const OPERATION = 'ingestEvents';
const FORMATS: Readonly<Record<string, EventFormat>> = {
  'application/json': 'countinghouse',
  'application/cloudevents+json': 'cloudevent',
  'application/cloudevents-batch+json': 'cloudevents_batch',
};

export interface IngestHandlerDeps extends HttpAuthDeps {
  readonly ingest: ReturnType<typeof ingestEvents>;
  readonly takeTokens: TakeTokens;
  readonly ids: { uuid(): string };
  readonly logger: ErrorLogger;
  readonly onAnswer: (answer: IngestAnswer) => void;
  readonly clock: { nowMs(): number };
  readonly metrics?: HttpMetrics;
}

/** `POST /v1/events`: 429 where the limit of events does not let all of them through, 200 with one result an event, 503 when not one could be written. */
export function createHandler(deps: IngestHandlerDeps) {
  return async (event: ApiEvent): Promise<ApiResult> => {
    const startedMs = deps.clock.nowMs();
    const result = await handle(deps, event);
    const durationMs = deps.clock.nowMs() - startedMs;
    deps.metrics?.observe({ operation: OPERATION, status: result.statusCode ?? 500, durationMs });
    return result;
  };
}

async function handle(deps: IngestHandlerDeps, event: ApiEvent): Promise<ApiResult> {
  const requestId = requestIdOf(event, deps.ids);
  try {
    const ingested = await ingest(deps, event, requestId);
    if (!ingested.ok) return problem(ingested.error, requestId);
    const { answer: body, quota } = ingested.value;
    deps.onAnswer(body);
    const nothingWritten = body.retry === body.results.length;
    const headers = { ...quotaHeaders(quota), ...(nothingWritten ? { 'retry-after': '1' } : {}) };
    return toApiResult({ status: nothingWritten ? 503 : 200, body, headers }, requestId);
  } catch (thrown) {
    const { logger, metrics } = deps;
    return problem(unexpectedError({ thrown, logger, requestId, operation: OPERATION, metrics }), requestId);
  }
}

async function ingest(deps: IngestHandlerDeps, event: ApiEvent, requestId: string) {
  const auth = await authenticate(deps)(event);
  if (!auth.ok) return auth;
  const allowed = requireScope(auth.value, 'events:write');
  if (!allowed.ok) return allowed;
  const { tenant } = auth.value;
  if (tenant === null) return err(appError('auth.no_tenant'));
  const admit = (count: number) => deps.takeTokens({ caller: auth.value, resource: 'events', count });
  const parsed = await readEvents(event);
  if (!parsed.ok) {
    // What cannot be read costs as much as one event: it is work, too.
    const admitted = await admit(1);
    return admitted.ok ? parsed : admitted;
  }
  const { value: body, numberIssues } = parsed.value;
  const format = FORMATS[mediaType(event) ?? ''] ?? 'countinghouse';
  return await deps.ingest({ tenant, body, numberIssues, format, traceId: requestId, admit });
}

async function readEvents(event: ApiEvent) {
  const text = await readBody(event, LIMITS.requestBodyBytes, Object.keys(FORMATS));
  return text.ok ? parseJsonExactly(text.value) : text;
}
