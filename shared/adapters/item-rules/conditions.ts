import { compareUtf8 } from '../../domain/metering/group-order.ts';
import { assert } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Condition, Item, ItemValue } from '../../ports/item-store.ts';
import { assertAttributeName, assertInteger, valueBytes } from './values.ts';

type Comparison = Extract<Condition, { readonly value: unknown }>;

/** Throws InvariantError on a condition that DynamoDB would not take. */
export function assertCondition(condition: Condition): void {
  assert(termsOf(condition) <= LIMITS.conditionTerms, 'a condition has too many terms');
}

function termsOf(condition: Condition): number {
  switch (condition.kind) {
    case 'item_absent':
    case 'item_present':
      return 1;
    case 'attribute_absent':
      assertAttributeName(condition.name);
      return 1;
    case 'all':
    case 'any':
      assert(condition.of.length > 0, 'a group of conditions is not empty');
      return condition.of.reduce((sum, inner) => sum + termsOf(inner), 1);
    default:
      assertComparison(condition);
      return 1;
  }
}

function assertComparison({ kind, name, value }: Comparison): void {
  assertAttributeName(name);
  if (typeof value === 'boolean') {
    assert(kind === 'equal' || kind === 'not_equal', 'true and false have no order');
  } else if (typeof value === 'string') {
    assert(valueBytes(value, 1) <= LIMITS.itemBytes, 'a value of a condition is too long');
  } else {
    assert(typeof value === 'number' || typeof value === 'bigint', 'a condition compares with a scalar');
    assertInteger(value);
  }
}

/**
 * Whether the condition holds of the item, undefined where there is none. Values of different types are not equal and
 * have no order, and neither has an attribute that is missing; null is a value.
 */
export function holds(condition: Condition, item: Item | undefined): boolean {
  switch (condition.kind) {
    case 'item_absent':
      return item === undefined;
    case 'item_present':
      return item !== undefined;
    case 'attribute_absent':
      return attributeOf(item, condition.name) === undefined;
    case 'all':
      return condition.of.every((inner) => holds(inner, item));
    case 'any':
      return condition.of.some((inner) => holds(inner, item));
    default:
      return compares(condition, attributeOf(item, condition.name));
  }
}

/** Own attributes only: every object inherits a `constructor`. */
function attributeOf(item: Item | undefined, name: string): ItemValue | undefined {
  return item !== undefined && Object.hasOwn(item, name) ? item[name] : undefined;
}

function compares({ kind, value }: Comparison, stored: ItemValue | undefined): boolean {
  const order = stored === undefined ? null : orderOf(stored, value);
  switch (kind) {
    case 'equal':
      return order === 0;
    case 'not_equal':
      return order !== 0;
    case 'less':
      return order !== null && order < 0;
    case 'less_or_equal':
      return order !== null && order <= 0;
    case 'greater':
      return order !== null && order > 0;
    case 'greater_or_equal':
      return order !== null && order >= 0;
  }
}

/** Null where they are of different types, or a type that has no order. */
function orderOf(stored: ItemValue, value: Comparison['value']): number | null {
  if (typeof value === 'string') return typeof stored === 'string' ? compareUtf8(stored, value) : null;
  if (typeof value === 'boolean') return typeof stored === 'boolean' ? Number(stored) - Number(value) : null;
  if (typeof stored !== 'number' && typeof stored !== 'bigint') return null;
  return stored < value ? -1 : Number(stored > value);
}
