import { StoreError } from '../../ports/store-error.ts';

type Verdict = Pick<StoreError, 'outcome' | 'reason'>;

const REFUSED: Verdict = { outcome: 'refused', reason: 'rejected' };
const NOT_DONE: Verdict = { outcome: 'not_done', reason: 'other' };
const BUSY: Verdict = { outcome: 'unknown', reason: 'throttled' };
const FULL: Verdict = { outcome: 'unknown', reason: 'disk_full' };

/**
 * What an exception of the server says of an insert. Refused: these rows will never go in as they are. Everything
 * that is not named is unknown, for a view may have failed after the rows went in.
 */
const VERDICTS: Readonly<Record<string, Verdict>> = {
  CANNOT_PARSE_INPUT_ASSERTION_FAILED: REFUSED,
  CANNOT_PARSE_TEXT: REFUSED,
  CANNOT_PARSE_NUMBER: REFUSED,
  CANNOT_PARSE_DATE: REFUSED,
  CANNOT_PARSE_DATETIME: REFUSED,
  CANNOT_PARSE_QUOTED_STRING: REFUSED,
  CANNOT_PARSE_ESCAPE_SEQUENCE: REFUSED,
  CANNOT_PARSE_BOOL: REFUSED,
  CANNOT_READ_ALL_DATA: REFUSED,
  CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN: REFUSED,
  ARGUMENT_OUT_OF_BOUND: REFUSED,
  DECIMAL_OVERFLOW: REFUSED,
  VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE: REFUSED,
  INCORRECT_DATA: REFUSED,
  TYPE_MISMATCH: REFUSED,
  TOO_LARGE_STRING_SIZE: REFUSED,
  VIOLATED_CONSTRAINT: REFUSED,
  NO_SUCH_COLUMN_IN_TABLE: REFUSED,
  // These are decided before a statement runs.
  TOO_MANY_SIMULTANEOUS_QUERIES: { outcome: 'not_done', reason: 'throttled' },
  AUTHENTICATION_FAILED: NOT_DONE,
  ACCESS_DENIED: NOT_DONE,
  READONLY: NOT_DONE,
  SYNTAX_ERROR: NOT_DONE,
  UNKNOWN_SETTING: NOT_DONE,
  MEMORY_LIMIT_EXCEEDED: BUSY,
  TOO_MANY_PARTS: BUSY,
  TIMEOUT_EXCEEDED: { outcome: 'unknown', reason: 'timeout' },
  SOCKET_TIMEOUT: { outcome: 'unknown', reason: 'timeout' },
  NOT_ENOUGH_SPACE: FULL,
};

const FULL_DISK = /No space left on device|errno: 28\b/;
const CLOSED = /connection is closed$/i;
const TIMEOUT = /timeout/i;
/** No connection was ever made, so no statement reached the server. */
const NEVER_SENT: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
];

export function toStoreError(thrown: unknown, what: string): StoreError {
  if (thrown instanceof StoreError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new StoreError({ message: `${what}: ${text}`, ...verdictOf(thrown, text), cause: thrown });
}

function verdictOf(thrown: unknown, text: string): Verdict {
  if (FULL_DISK.test(text)) return FULL;
  const type = exceptionType(thrown);
  if (type !== null) return VERDICTS[type] ?? { outcome: 'unknown', reason: 'other' };
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (NEVER_SENT.includes(code) || CLOSED.test(text)) return { outcome: 'not_done', reason: 'unreachable' };
  return { outcome: 'unknown', reason: TIMEOUT.test(text) ? 'timeout' : 'unreachable' };
}

/** By its shape: embedded, the exception is of another copy of the client's class. */
function exceptionType(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !('type' in thrown)) return null;
  return typeof thrown.type === 'string' ? thrown.type : null;
}

export function refused(message: string): StoreError {
  return new StoreError({ message, ...REFUSED });
}
