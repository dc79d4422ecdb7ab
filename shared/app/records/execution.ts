import { z } from 'zod';
import type { JsonValue } from '../../kernel/canonical-json.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat, present } from './item-format.ts';

/** One run of a state machine, named by who starts it. */
export interface ExecutionName {
  readonly machine: string;
  readonly name: string;
}

export function executionKey({ machine, name }: ExecutionName): ItemKey {
  return { pk: `execution#${machine}`, sk: name };
}

/** Names of all executions that run: found after a restart with strongly consistent reads. */
export const OPEN_EXECUTIONS_PARTITION = 'executions#open';

export function openExecutionToItem({ machine, name }: ExecutionName): Item {
  return { pk: OPEN_EXECUTIONS_PARTITION, sk: `${machine}#${name}`, machine, name };
}

const openItem = z.object({ machine: z.string(), name: z.string() });

/** Throws when the item does not name an execution: then the store holds something we never wrote. */
export function openExecutionFromItem(item: Item): ExecutionName {
  return openItem.parse(item);
}

const json = z.string().transform((text) => JSON.parse(text) as JsonValue);
const executionItem = z.object({
  v: itemFormat,
  machine: z.string(),
  name: z.string(),
  input: json,
  status: z.enum(['running', 'succeeded', 'failed']),
  startedAtMs: epochMs,
  endedAtMs: epochMs.nullable().default(null),
  output: json.nullable().default(null),
  /** Why it failed: the name of the error, as state machines match it, and its message. */
  error: z.object({ name: z.string(), cause: z.string() }).nullable().default(null),
});

/** `output` once succeeded, `error` once failed. */
export type ExecutionRecord = Readonly<Omit<z.output<typeof executionItem>, 'v'>>;

/** JSON is kept as text: an attribute would lose fractions. */
export function executionToItem(record: ExecutionRecord): Item {
  const { input, output, status, ...rest } = record;
  return {
    ...executionKey(record),
    v: ITEM_FORMAT,
    ...present(rest),
    status,
    input: JSON.stringify(input),
    ...(status === 'succeeded' && { output: JSON.stringify(output) }),
  };
}

/** Throws when the item is not an execution: then the store holds something we never wrote. */
export function executionFromItem(item: Item): ExecutionRecord {
  const { v: _format, ...record } = executionItem.parse(item);
  return record;
}
