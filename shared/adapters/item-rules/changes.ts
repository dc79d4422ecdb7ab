import { assert } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { AttributeChanges, Item, ItemKey, ItemValue } from '../../ports/item-store.ts';
import { assertAttributeName, assertInteger, copyItem, toStoredInteger, valueBytes } from './values.ts';

/** Throws InvariantError on changes that DynamoDB would not take, whatever the item. */
export function assertChanges({ set = {}, add = {}, remove = [] }: AttributeChanges): void {
  for (const value of Object.values(set)) valueBytes(value, 1);
  for (const value of Object.values(add)) {
    assert(typeof value === 'number' || typeof value === 'bigint', 'only integers are added');
    assertInteger(value);
  }
  const names = [...Object.keys(set), ...Object.keys(add), ...remove];
  assert(names.length > 0, 'an update changes something');
  assert(names.length <= LIMITS.changedAttributes, 'an update changes too many attributes');
  assert(new Set(names).size === names.length, 'an update changes an attribute once');
  for (const name of names) {
    assertAttributeName(name);
    assert(name !== 'pk' && name !== 'sk', 'the key of an item never changes');
  }
}

export function copyChanges({ set, add, remove }: AttributeChanges): AttributeChanges {
  return {
    ...(set === undefined ? {} : { set: copyItem(set) }),
    ...(add === undefined ? {} : { add: copyItem(add) }),
    ...(remove === undefined ? {} : { remove: [...remove] }),
  };
}

/** The item after the changes. Throws InvariantError where a number is added to something else or gets too large. */
export function applyChanges(key: ItemKey, before: Item | undefined, changes: AttributeChanges): Item {
  const attributes = new Map<string, ItemValue>(Object.entries(before ?? key));
  for (const [name, value] of Object.entries(changes.set ?? {})) attributes.set(name, value);
  for (const [name, value] of Object.entries(changes.add ?? {})) {
    const stored = attributes.get(name) ?? (attributes.has(name) ? null : 0);
    assert(typeof stored === 'number' || typeof stored === 'bigint', `${name} is no number to add to`);
    const sum = toStoredInteger(BigInt(stored) + BigInt(value));
    assertInteger(sum);
    attributes.set(name, sum);
  }
  for (const name of changes.remove ?? []) attributes.delete(name);
  return Object.fromEntries(attributes) as Item;
}
