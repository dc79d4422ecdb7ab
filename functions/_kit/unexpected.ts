import type { Logger } from '@aws-lambda-powertools/logger';
import { type AppError, appError } from '../../shared/kernel/errors.ts';
import { StoreError } from '../../shared/ports/store-error.ts';

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
}): AppError {
  const { thrown, logger, requestId, operation } = input;
  if (thrown instanceof StoreError) {
    const { outcome, reason } = thrown;
    logger.warn('a store could not answer', { requestId, operation, outcome, reason, error: thrown });
    return reason === 'disk_full' ? appError('storage.full') : appError('service.unavailable');
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  logger.error('unexpected error', { requestId, operation, error });
  return appError('service.internal');
}
