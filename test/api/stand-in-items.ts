import type { Result } from '../../shared/kernel/result.ts';
import { err, ok } from '../../shared/kernel/result.ts';
import type {
  AttributeChanges,
  Condition,
  ConditionFailed,
  Item,
  ItemKey,
  ItemStore,
  QueryInput,
  QueryPage,
  TransactionOperation,
} from '../../shared/ports/item-store.ts';

/** The item store of these tests: strongly consistent, in memory, with a hook before each transaction. */
export interface StandInItems extends ItemStore {
  all(): readonly Item[];
  /** Runs before and after the commit of each transaction. */
  hooks: { before?: () => Promise<void>; after?: () => Promise<void> };
}

const address = (table: string, { pk, sk }: ItemKey) => JSON.stringify([table, pk, sk]);

export function createStandInItems(): StandInItems {
  const items = new Map<string, Item>();
  const hooks: StandInItems['hooks'] = {};
  const transact = (operations: readonly TransactionOperation[]) => commit(items, operations);
  const single = (operation: TransactionOperation): Result<void, ConditionFailed> => {
    const done = transact([operation]);
    return done.ok ? ok(undefined) : err(done.error.reasons[0] ?? { kind: 'condition_failed' });
  };
  return {
    hooks,
    all: () => [...items.values()],
    get: async ({ table, key }) => items.get(address(table, key)),
    getMany: async ({ table, keys }) => keys.flatMap((key) => items.get(address(table, key)) ?? []),
    query: async (input) => query([...items.values()], input),
    put: async (input) => single({ op: 'put', ...input }),
    delete: async (input) => single({ op: 'delete', ...input }),
    update: async (input) => {
      const done = single({ op: 'update', ...input });
      return done.ok ? ok(items.get(address(input.table, input.key)) as Item) : done;
    },
    transact: async (operations) => {
      await hooks.before?.();
      const done = transact(operations);
      await hooks.after?.();
      return done;
    },
  };
}

function commit(items: Map<string, Item>, operations: readonly TransactionOperation[]) {
  const reasons = operations.map((operation) => {
    const existing = items.get(address(operation.table, keyOf(operation)));
    const holds = operation.condition === undefined || met(operation.condition, existing);
    if (holds) return null;
    return { kind: 'condition_failed' as const, ...(existing === undefined ? {} : { existing }) };
  });
  if (reasons.some((reason) => reason !== null))
    return err({ kind: 'transaction_cancelled' as const, reasons });
  for (const operation of operations) {
    const key = keyOf(operation);
    const at = address(operation.table, key);
    if (operation.op === 'put') items.set(at, operation.item);
    if (operation.op === 'delete') items.delete(at);
    if (operation.op === 'update') items.set(at, change({ ...key, ...items.get(at) }, operation.changes));
  }
  return ok(undefined);
}

function keyOf(operation: TransactionOperation): ItemKey {
  const { pk, sk } = operation.op === 'put' ? operation.item : operation.key;
  return { pk, sk };
}

function change(item: Item, changes: AttributeChanges): Item {
  const next = { ...item, ...changes.set };
  return Object.fromEntries(Object.entries(next).filter(([name]) => !changes.remove?.includes(name))) as Item;
}

function met(condition: Condition, item: Item | undefined): boolean {
  if (condition.kind === 'item_absent') return item === undefined;
  if (condition.kind === 'item_present') return item !== undefined;
  if ('of' in condition) {
    const holds = (one: Condition) => met(one, item);
    return condition.kind === 'all' ? condition.of.every(holds) : condition.of.some(holds);
  }
  const value = item?.[condition.name];
  if (condition.kind === 'attribute_absent') return value === undefined;
  if (condition.kind === 'equal') return value === condition.value;
  if (condition.kind === 'not_equal') return value !== condition.value;
  return (
    condition.kind === 'less_or_equal' && value !== undefined && Number(value) <= Number(condition.value)
  );
}

function query(items: readonly Item[], input: QueryInput): QueryPage {
  const [pk, sk] = input.index === undefined ? (['pk', 'sk'] as const) : (['ownerPk', 'ownerSk'] as const);
  const found = items
    .filter((item) => item[pk] === input.pk && String(item[sk]) > (input.startAfter ?? ''))
    .sort((a, b) => (String(a[sk]) < String(b[sk]) ? -1 : 1));
  const page = found.slice(0, input.limit);
  const last = page.at(-1);
  return found.length > input.limit && last !== undefined
    ? { items: page, next: String(last[sk]) }
    : { items: page };
}
