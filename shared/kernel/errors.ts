/** What a caller can do about an error; decides the HTTP status and the log level. */
export type ErrorKind =
  | 'invalid'
  | 'too_large'
  | 'unsupported'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'stale'
  | 'limited'
  | 'unavailable'
  | 'bug';

/**
 * Every error code that leaves the product, as `area.reason`. Clients match on the code, so a code is never
 * renamed or given another meaning.
 */
export const ERROR_CATALOGUE = {
  'auth.missing_key': { kind: 'unauthenticated', title: 'No API key was sent' },
  'auth.invalid_key': { kind: 'unauthenticated', title: 'The API key is unknown, expired or revoked' },
  'auth.missing_scope': { kind: 'forbidden', title: 'The API key lacks a scope' },
  'auth.no_tenant': { kind: 'forbidden', title: 'The API key belongs to no tenant' },
  'auth.scope_escalation': { kind: 'forbidden', title: 'A key cannot grant a scope that it lacks' },

  'request.malformed_json': { kind: 'invalid', title: 'The body is not valid JSON' },
  'request.invalid': { kind: 'invalid', title: 'The request is not valid' },
  'request.unknown_field': { kind: 'invalid', title: 'A field is not known' },
  'request.missing_field': { kind: 'invalid', title: 'A required field is missing' },
  'request.invalid_field': { kind: 'invalid', title: 'A field has an invalid value' },
  'request.unsupported_media_type': { kind: 'unsupported', title: 'The content type is not supported' },
  'request.unsupported_encoding': { kind: 'unsupported', title: 'The content encoding is not supported' },
  'request.malformed_encoding': { kind: 'invalid', title: 'The compressed body cannot be read' },
  'request.body_too_large': { kind: 'too_large', title: 'The body is too large' },
  'request.not_found': { kind: 'not_found', title: 'There is no such route' },
  'request.method_not_allowed': { kind: 'invalid', title: 'The route does not take this method' },
  'request.precondition_required': { kind: 'invalid', title: 'If-Match is required' },
  'request.precondition_failed': { kind: 'stale', title: 'The resource changed since it was read' },
  'request.range_required': { kind: 'invalid', title: 'The answer is too large: ask for ranges of it' },
  'request.range_not_satisfiable': { kind: 'invalid', title: 'There is nothing in the range' },
  'request.invalid_cursor': { kind: 'invalid', title: 'The cursor is not valid' },

  'idempotency.key_reused': { kind: 'conflict', title: 'The idempotency key was used for another request' },
  'idempotency.in_progress': { kind: 'conflict', title: 'The first request with this key is still running' },
  'idempotency.invalid_key': { kind: 'invalid', title: 'The idempotency key is not valid' },

  'limit.rate_exceeded': { kind: 'limited', title: 'Too much within a short time; send it again later' },
  'limit.above_burst': {
    kind: 'too_large',
    title: 'More events than may be sent at once; send smaller batches',
  },

  'event.batch_too_large': { kind: 'too_large', title: 'Too many events in one request' },
  'event.batch_empty': { kind: 'invalid', title: 'The batch holds no event' },
  'event.too_large': { kind: 'too_large', title: 'The event is too large' },
  'event.not_an_object': { kind: 'invalid', title: 'The event is not a JSON object' },
  'event.missing_field': { kind: 'invalid', title: 'A required field of the event is missing' },
  'event.unknown_field': { kind: 'invalid', title: 'A field of the event is not known' },
  'event.invalid_field': { kind: 'invalid', title: 'A field of the event has an invalid value' },
  'event.id_too_long': { kind: 'invalid', title: 'The event id is too long' },
  'event.id_too_old': { kind: 'invalid', title: 'The time that the event id carries is too far in the past' },
  'event.invalid_time': { kind: 'invalid', title: 'The event time is not an RFC 3339 instant' },
  'event.time_too_old': { kind: 'invalid', title: 'The event time is too far in the past' },
  'event.time_in_future': { kind: 'invalid', title: 'The event time is in the future' },
  'event.unsafe_integer': { kind: 'invalid', title: 'JSON cannot carry this integer exactly' },
  'event.number_out_of_range': { kind: 'invalid', title: 'JSON cannot carry this number' },
  'event.too_deep': { kind: 'invalid', title: 'The event is nested too deeply' },
  'event.not_written': { kind: 'unavailable', title: 'The event could not be written; send it again' },
  'event.malformed': { kind: 'invalid', title: 'The stored event cannot be read' },
  'event.not_found': { kind: 'not_found', title: 'There is no such event' },
  'event.ambiguous_id': { kind: 'conflict', title: 'Several sources sent an event with this id' },
  'correction.other_event': { kind: 'invalid', title: 'The amended event is not the one that is amended' },
  'correction.time_required': { kind: 'invalid', title: 'An amended event says when it happened' },
  'envelope.malformed': { kind: 'invalid', title: 'The stream record cannot be read' },

  'customer.unknown': { kind: 'invalid', title: 'No customer has this key or subject' },
  'customer.archived': { kind: 'invalid', title: 'The customer is archived' },
  'customer.not_found': { kind: 'not_found', title: 'There is no such customer' },
  'customer.exists': { kind: 'conflict', title: 'A customer with this key exists' },
  'customer.subject_taken': { kind: 'conflict', title: 'Another customer has this subject or key' },

  'meter.not_found': { kind: 'not_found', title: 'There is no such meter' },
  'meter.archived': { kind: 'conflict', title: 'The meter is archived' },
  'meter.rebuilding': { kind: 'conflict', title: 'The rollups of the meter are being rebuilt' },
  'meter.dimension_dropped': { kind: 'conflict', title: 'A dimension of a meter is never dropped' },
  'meter.exists': { kind: 'conflict', title: 'A meter with this key exists' },
  'meter.limit_reached': { kind: 'limited', title: 'The tenant has as many meters as it may have' },
  'meter.invalid_filter': { kind: 'invalid', title: 'The filter is not a valid expression' },
  'meter.invalid_value': { kind: 'invalid', title: 'The value is not a valid path or expression' },
  'meter.invalid_path': { kind: 'invalid', title: 'The JSONPath is not valid' },
  'meter.value_required': { kind: 'invalid', title: 'The aggregation needs a value' },
  'meter.value_not_allowed': { kind: 'invalid', title: 'The aggregation takes no value' },
  'meter.value_missing': { kind: 'invalid', title: 'The event has no value for the meter' },
  'meter.value_not_numeric': { kind: 'invalid', title: 'The value is not a number' },
  'meter.value_too_many_digits': { kind: 'invalid', title: 'The value has too many digits' },
  'meter.value_negative': { kind: 'invalid', title: 'The aggregation takes no negative value' },
  'meter.value_too_long': { kind: 'invalid', title: 'The value is too long' },
  'meter.dimension_invalid': { kind: 'invalid', title: 'A dimension is not a short scalar' },
  'meter.filter_failed': { kind: 'invalid', title: 'The filter cannot be evaluated for the event' },
  'meter.expression_failed': { kind: 'invalid', title: 'The expression cannot be evaluated for the event' },

  'usage.invalid_range': { kind: 'invalid', title: 'The range is not valid' },
  'usage.invalid_window': { kind: 'invalid', title: 'The window is not valid' },
  'usage.invalid_time_zone': { kind: 'invalid', title: 'The time zone is not known' },
  'usage.unknown_dimension': { kind: 'invalid', title: 'The meter has no such dimension' },
  'usage.too_many_windows': { kind: 'invalid', title: 'The range has too many windows' },
  'usage.too_many_groups': { kind: 'invalid', title: 'The range has too many groups' },

  'plan.not_found': { kind: 'not_found', title: 'There is no such plan' },
  'plan.exists': { kind: 'conflict', title: 'A plan with this key exists' },
  'plan.archived': { kind: 'conflict', title: 'The plan is archived' },
  'plan.currency_fixed': { kind: 'conflict', title: 'The currency of a published plan never changes' },
  'plan.cadence_fixed': { kind: 'conflict', title: 'The cadence of a published plan never changes' },
  'plan.draft_exists': { kind: 'conflict', title: 'The plan has a draft already' },
  'plan.not_published': { kind: 'conflict', title: 'The plan has no published version' },
  'plan.version_not_found': { kind: 'not_found', title: 'The plan has no such version' },
  'plan.version_published': { kind: 'conflict', title: 'A published version never changes' },
  'plan.version_limit_reached': { kind: 'limited', title: 'The plan has as many versions as it may have' },
  'plan.effective_from_invalid': { kind: 'invalid', title: 'The version cannot take effect at this time' },
  'plan.duplicate_charge': { kind: 'invalid', title: 'Two charges of the version have the same key' },
  'plan.unknown_meter': { kind: 'invalid', title: 'There is no such meter, or it is archived' },
  'plan.unknown_dimension': { kind: 'invalid', title: 'The meter has no such dimension' },
  'plan.currency_dropped': {
    kind: 'invalid',
    title: 'The version lacks a price in a currency of the version before',
  },
  'plan.too_large': { kind: 'too_large', title: 'The charges of the version are too large together' },
  'invoice.not_found': { kind: 'not_found', title: 'There is no such invoice' },
  'invoice.too_long': { kind: 'conflict', title: 'The invoice has too many lines to print' },
  'invoice.none_upcoming': { kind: 'not_found', title: 'No invoice is to come of the subscription' },
  'invoice.line_not_rated': { kind: 'bug', title: 'The line of an invoice has no amount' },
  'invoice.line_duplicated': { kind: 'conflict', title: 'Events of a line were counted more than once' },
  'invoice.line_not_proved': { kind: 'bug', title: 'The events of a line come to another quantity' },
  'invoice.no_evidence': {
    kind: 'conflict',
    title: 'The invoice has no evidence while it is a draft',
  },
  'subscription.not_found': { kind: 'not_found', title: 'There is no such subscription' },
  'subscription.exists': { kind: 'conflict', title: 'A subscription with this key exists' },
  'subscription.overlap': {
    kind: 'conflict',
    title: 'The customer has a subscription of the plan at that time',
  },
  'subscription.currency_missing': {
    kind: 'invalid',
    title: 'The plan has no prices in the currency of the customer',
  },

  'price.unsupported_model': { kind: 'invalid', title: 'The price model is not supported' },
  'price.negative': { kind: 'invalid', title: 'An amount or quantity of the charge is negative' },
  'price.not_positive': { kind: 'invalid', title: 'A size or factor of the charge is not above zero' },
  'price.too_many_decimals': { kind: 'invalid', title: 'A number of the charge has too many decimals' },
  'price.too_many_digits': { kind: 'invalid', title: 'A number of the charge has too many digits' },
  'price.no_tiers': { kind: 'invalid', title: 'The price has no tier' },
  'price.too_many_tiers': { kind: 'invalid', title: 'The price has too many tiers' },
  'price.tiers_not_rising': { kind: 'invalid', title: 'The bounds of the tiers do not rise' },
  'price.open_tier_not_last': { kind: 'invalid', title: 'A tier without a bound is not the last one' },
  'price.last_tier_not_open': { kind: 'invalid', title: 'The last tier has a bound' },
  'price.tier_without_amount': { kind: 'invalid', title: 'A tier has no amount' },
  'price.scale_out_of_range': { kind: 'invalid', title: 'The scale is not valid' },
  'price.percent_out_of_range': { kind: 'invalid', title: 'A percentage is not between 0 and 100' },
  'price.too_many_discounts': { kind: 'invalid', title: 'The charge has too many discounts' },
  'price.minimum_above_maximum': { kind: 'invalid', title: 'The minimum is above the maximum' },
  'price.meter_required': { kind: 'invalid', title: 'A usage charge needs a meter' },
  'price.meter_not_allowed': { kind: 'invalid', title: 'A recurring charge has no meter' },
  'price.filters_without_meter': { kind: 'invalid', title: 'Filters need a meter' },
  'price.quantity_not_allowed': { kind: 'invalid', title: 'The quantity of a usage charge is its usage' },
  'price.advance_usage': { kind: 'invalid', title: 'Usage cannot be billed in advance' },
  'price.plan_currency_repeated': {
    kind: 'invalid',
    title: 'The price in the currency of the plan is repeated',
  },
  'price.amount_in_one_currency': {
    kind: 'invalid',
    title: 'A charge with prices in several currencies has an amount in one',
  },

  'job.not_found': { kind: 'not_found', title: 'There is no such job' },
  'job.ended': { kind: 'conflict', title: 'The job has ended' },
  'job.not_cancelable': { kind: 'conflict', title: 'The job ends by itself' },

  'backfill.not_found': { kind: 'not_found', title: 'There is no such backfill' },
  'backfill.invalid_range': { kind: 'invalid', title: 'The range of the backfill is not valid' },
  'backfill.time_out_of_range': {
    kind: 'invalid',
    title: 'The time of the event is not in the range of the backfill',
  },
  'backfill.not_collecting': { kind: 'conflict', title: 'The backfill takes no more events' },
  'backfill.empty': { kind: 'conflict', title: 'The backfill holds no event' },
  'backfill.not_applied': { kind: 'conflict', title: 'The backfill is not counted, or not yet' },
  'backfill.too_large': { kind: 'limited', title: 'The backfill holds as many events as it may' },

  'claims.mode_refused': { kind: 'conflict', title: 'Claims cannot be kept in this mode from now on' },
  'claims.parts_fixed': { kind: 'conflict', title: 'The number of parts of claims cannot be changed' },
  'claims.key_changed': { kind: 'conflict', title: 'Claims were made under another key' },

  'tenant.not_found': { kind: 'not_found', title: 'There is no such tenant' },
  'tenant.exists': { kind: 'conflict', title: 'A tenant with this key exists' },
  'tenant.sub_lanes_lowered': { kind: 'conflict', title: 'Sub-lanes of a tenant only ever become more' },
  'key.not_found': { kind: 'not_found', title: 'There is no such API key' },
  'key.limit_reached': { kind: 'limited', title: 'The tenant has as many API keys as it may have' },
  'clock.not_set': { kind: 'conflict', title: 'The clock runs in real time; set it before it is advanced' },
  'clock.backwards': { kind: 'conflict', title: 'A clock is never advanced to an earlier instant' },
  'clock.advancing': { kind: 'conflict', title: 'The clock is being advanced to another instant' },
  'clock.live_tenant': { kind: 'conflict', title: 'A live tenant has no test clock' },
  'clock.in_use': {
    kind: 'conflict',
    title: 'The clock cannot be set: the tenant has events or subscriptions',
  },

  'import.malformed_row': { kind: 'invalid', title: 'The row cannot be read' },
  'import.row_too_long': { kind: 'too_large', title: 'The row is too long' },
  'import.other_state': { kind: 'conflict', title: 'The state file belongs to another import' },
  'cli.usage': { kind: 'invalid', title: 'The command line is not valid' },
  'cli.file_unusable': { kind: 'invalid', title: 'A file cannot be read or written' },
  'cli.server_unreachable': { kind: 'unavailable', title: 'The server cannot be reached' },
  'cli.unexpected_answer': { kind: 'unavailable', title: 'The answer is not one of countinghouse' },
  'cli.operator_exists': { kind: 'conflict', title: 'There is an operator key already' },

  'storage.locked': { kind: 'unavailable', title: 'Another process uses this data directory' },
  'storage.full': { kind: 'unavailable', title: 'The disk is full' },
  'service.unavailable': { kind: 'unavailable', title: 'The service cannot answer now' },
  'service.internal': { kind: 'bug', title: 'Something went wrong on our side' },
} as const satisfies Record<string, { kind: ErrorKind; title: string }>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** One wrong field: `path` in dotted form with `[i]` for list items, '' for the whole value. */
export interface FieldIssue {
  readonly path: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** An expected error. `detail` is written for the client; internal text never goes in. */
export interface AppError {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly issues?: readonly FieldIssue[];
  /** Of errors about a limit. */
  readonly quota?: Quota;
  /** From when on the same request can pass. */
  readonly retryAfterSeconds?: number;
}

/** How much a caller may still ask for now: `remaining` of `limit`, all of it again after `resetSeconds`. */
export interface Quota {
  readonly limit: number;
  /** In what time the whole limit comes back. */
  readonly windowSeconds: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

export function appError(code: ErrorCode, detail?: string, issues?: readonly FieldIssue[]): AppError {
  const base = { code, detail: detail ?? ERROR_CATALOGUE[code].title };
  return issues === undefined ? base : { ...base, issues };
}

export function errorKind(code: ErrorCode): ErrorKind {
  return ERROR_CATALOGUE[code].kind;
}
