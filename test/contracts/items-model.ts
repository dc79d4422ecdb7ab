import { Buffer } from 'node:buffer';
import type {
  AttributeChanges,
  Condition,
  Item,
  ItemValue,
  TransactionOperation,
} from '../../shared/ports/item-store.ts';
import { byUtf8, integerRead, LARGEST } from './items-builders.ts';

/** One partition, by sort key. */
export type Model = ReadonlyMap<string, Item>;
export type Outcome =
  | { readonly kind: 'done'; readonly after: Model }
  | { readonly kind: 'cancelled'; readonly reasons: readonly (object | null)[] }
  /** `reasons` where a condition fails, too: which of the two is told is up to the store, and nothing happens. */
  | { readonly kind: 'bug'; readonly reasons?: readonly (object | null)[] };

/** What a transaction must come to. Written from the words of the port, independent of the code that keeps them. */
export function expectedOutcome(model: Model, operations: readonly TransactionOperation[]): Outcome {
  const reasons = operations.map((operation) => {
    const existing = model.get(skOf(operation));
    const isMet = operation.condition === undefined || isTrue(operation.condition, existing);
    return isMet ? null : { kind: 'condition_failed', ...(existing === undefined ? {} : { existing }) };
  });
  if (reasons.some((reason) => reason !== null)) {
    const isBug = operations.some((operation, index) => !reasons[index] && isImpossible(model, operation));
    return { kind: isBug ? 'bug' : 'cancelled', reasons };
  }
  const after = new Map(model);
  for (const operation of operations) {
    const sk = skOf(operation);
    if (operation.op === 'delete') after.delete(sk);
    if (operation.op === 'put') after.set(sk, operation.item);
    if (operation.op !== 'update') continue;
    const changed = changedItem(model.get(sk) ?? { ...operation.key }, operation.changes);
    if (changed === null) return { kind: 'bug' };
    after.set(sk, changed);
  }
  return { kind: 'done', after };
}

export function inOrder(model: Model): readonly Item[] {
  return [...model.values()].sort((left, right) => byUtf8(left.sk, right.sk));
}

function skOf(operation: TransactionOperation): string {
  return operation.op === 'put' ? operation.item.sk : operation.key.sk;
}

function isImpossible(model: Model, operation: TransactionOperation): boolean {
  if (operation.op !== 'update') return false;
  return changedItem(model.get(operation.key.sk) ?? { ...operation.key }, operation.changes) === null;
}

function changedItem(item: Item, { set = {}, add = {}, remove = [] }: AttributeChanges): Item | null {
  const changed: Record<string, ItemValue> = { ...item, ...set };
  for (const [name, value] of Object.entries(add)) {
    const before = item[name] ?? (name in item ? 'null' : 0);
    if (typeof before !== 'number' && typeof before !== 'bigint') return null;
    const sum = BigInt(before) + BigInt(value);
    if (sum > LARGEST || sum < -LARGEST) return null;
    changed[name] = integerRead(sum);
  }
  for (const name of remove) delete changed[name];
  return changed as Item;
}

function isTrue(condition: Condition, item: Item | undefined): boolean {
  if (condition.kind === 'item_absent') return !item;
  if (condition.kind === 'item_present') return Boolean(item);
  if (condition.kind === 'attribute_absent') return !item || !(condition.name in item);
  if ('of' in condition) {
    const met = condition.of.filter((inner) => isTrue(inner, item)).length;
    return condition.kind === 'all' ? met === condition.of.length : met > 0;
  }
  const difference = differenceOf(item?.[condition.name], condition.value);
  return {
    equal: difference === 0,
    not_equal: difference !== 0,
    less: difference < 0,
    less_or_equal: difference <= 0,
    greater: difference > 0,
    greater_or_equal: difference >= 0,
  }[condition.kind];
}

/** NaN, which no comparison but "not equal" holds of, where the two cannot be compared. */
function differenceOf(stored: ItemValue | undefined, value: string | number | bigint | boolean): number {
  const types = [stored, value].map((one) => (typeof one === 'bigint' ? 'number' : typeof one));
  if (stored === undefined || stored === null || types[0] !== types[1]) return Number.NaN;
  if (typeof value === 'boolean') return stored === value ? 0 : Number.NaN;
  if (typeof value === 'string') return Buffer.compare(Buffer.from(String(stored)), Buffer.from(value));
  const difference = BigInt(stored as number) - BigInt(value);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}
