import type { JsonValue } from '../../shared/kernel/canonical-json.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';

/** As in Step Functions, no Retry and no Catch matches it. */
class LimitExceeded extends Error {
  /** Read by the library. */
  readonly isRetryable = false;
  readonly isCatchable = false;

  constructor(name: 'States.DataLimitExceeded' | 'States.Runtime', message: string) {
    super(message);
    this.name = name;
  }
}

/** The value as a runtime hands it on: a copy through JSON, undefined as null. Throws when it is larger than it may be. */
export function carried(value: unknown): JsonValue {
  const text = JSON.stringify(value ?? null) ?? 'null';
  const bytes = Buffer.byteLength(text);
  if (bytes > LIMITS.stateDataBytes) {
    const message = `${bytes} bytes of data, ${LIMITS.stateDataBytes} are allowed`;
    throw new LimitExceeded('States.DataLimitExceeded', message);
  }
  return JSON.parse(text) as JsonValue;
}

/** Throws when the path, names after dots, leads to a list of more items than a Map may have. */
export function assertMapItems(data: unknown, path: string): void {
  const names = path.split('.').slice(1);
  const items = names.reduce<unknown>((value, name) => (value as Record<string, unknown>)?.[name], data);
  if (Array.isArray(items) && items.length > LIMITS.mapItems)
    throw new LimitExceeded('States.Runtime', `${items.length} items, ${LIMITS.mapItems} are allowed`);
}
