import type { JsonValue } from '../../shared/kernel/canonical-json.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';

/** As in Step Functions, no Retry and no Catch matches it. */
class DataLimitExceeded extends Error {
  override readonly name = 'States.DataLimitExceeded';
  /** Read by the library. */
  readonly isRetryable = false;
  readonly isCatchable = false;
}

/** The value as a runtime hands it on: a copy through JSON, undefined as null. Throws when it is larger than it may be. */
export function carried(value: unknown): JsonValue {
  const text = JSON.stringify(value ?? null) ?? 'null';
  const bytes = Buffer.byteLength(text);
  if (bytes > LIMITS.stateDataBytes)
    throw new DataLimitExceeded(`${bytes} bytes of data, ${LIMITS.stateDataBytes} are allowed`);
  return JSON.parse(text) as JsonValue;
}
