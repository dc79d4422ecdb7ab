import { type ErrorCode, type ErrorKind, errorKind } from '../../kernel/errors.ts';

const STATUS_BY_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  too_large: 413,
  unsupported: 415,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  stale: 412,
  limited: 429,
  unavailable: 503,
  bug: 500,
};

/** HTTP has a status of its own for these; 429 would promise that waiting helps. */
const STATUS_BY_CODE: Partial<Record<ErrorCode, number>> = {
  'request.method_not_allowed': 405,
  'request.precondition_required': 428,
  'request.range_not_satisfiable': 416,
  'meter.limit_reached': 409,
  'plan.version_limit_reached': 409,
  'subscription.currency_missing': 422,
  'key.limit_reached': 409,
  'backfill.too_large': 409,
};

export function statusOf(code: ErrorCode): number {
  return STATUS_BY_CODE[code] ?? STATUS_BY_KIND[errorKind(code)];
}
