import {
  type ExecutionName,
  type ExecutionRecord,
  executionFromItem,
  executionKey,
  executionToItem,
  OPEN_EXECUTIONS_PARTITION,
  openExecutionFromItem,
  openExecutionToItem,
} from '../../shared/app/records/execution.ts';
import { TABLES } from '../../shared/contracts/names.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';

const table = TABLES.main;

/** Executions as durable items. */
export interface Executions {
  get(execution: ExecutionName): Promise<ExecutionRecord | undefined>;
  /** False when an execution of this machine and name is there already. */
  add(record: ExecutionRecord): Promise<boolean>;
  /** Closes a running execution; one that was closed before stays as it is. */
  close(record: ExecutionRecord): Promise<void>;
  open(): AsyncGenerator<ExecutionName>;
}

export function createExecutions({ items }: { readonly items: ItemStore }): Executions {
  return {
    get: async (execution) => {
      const item = await items.get({ table, key: executionKey(execution) });
      return item === undefined ? undefined : executionFromItem(item);
    },
    add: async (record) => {
      const added = await items.transact([
        { op: 'put', table, item: executionToItem(record), condition: { kind: 'item_absent' } },
        { op: 'put', table, item: openExecutionToItem(record) },
      ]);
      return added.ok;
    },
    close: async (record) => {
      const { pk, sk } = openExecutionToItem(record);
      // Cancelled only when it is closed already: by an earlier try whose answer was lost.
      await items.transact([
        {
          op: 'put',
          table,
          item: executionToItem(record),
          condition: { kind: 'equal', name: 'status', value: 'running' },
        },
        { op: 'delete', table, key: { pk, sk } },
      ]);
    },
    open: async function* () {
      let startAfter: string | undefined;
      do {
        const page = await items.query({
          table,
          pk: OPEN_EXECUTIONS_PARTITION,
          limit: LIMITS.queryItems,
          ...(startAfter !== undefined && { startAfter }),
        });
        for (const item of page.items) yield openExecutionFromItem(item);
        startAfter = page.next;
      } while (startAfter !== undefined);
    },
  };
}
