import type { Logger } from '@aws-lambda-powertools/logger';
import { outageOf } from '../../shared/app/outage.ts';
import { type AppError, appError } from '../../shared/kernel/errors.ts';
import type { HttpMetrics } from './metrics.ts';

export type ErrorLogger = Pick<Logger, 'warn' | 'error'>;

/**
 * The error for whatever was thrown. A store that cannot answer is an outage (503: the outcome is unknown, the same
 * request may be sent again); anything else is our bug. Only the throw itself is logged, never the request's body.
 */
export function unexpectedError(input: {
  readonly thrown: unknown;
  readonly logger: ErrorLogger;
  readonly requestId: string;
  readonly operation: string;
  readonly metrics?: Pick<HttpMetrics, 'outage'> | undefined;
}): AppError {
  const { thrown, logger, requestId, operation, metrics } = input;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const outage = outageOf(thrown);
  if (outage !== null) {
    const { code, outcome, reason } = outage;
    metrics?.outage(reason);
    logger.warn('a store could not answer', { requestId, operation, outcome, reason, error });
    return appError(code);
  }
  logger.error('unexpected error', { requestId, operation, error });
  return appError('service.internal');
}
