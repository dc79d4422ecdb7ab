import { Buffer } from 'node:buffer';
import type { Item, ItemValue } from '../../ports/item-store.ts';
import { isList } from './values.ts';

type ItemMap = Readonly<Record<string, ItemValue>>;

/** Whether two items, as stores hold them, have the same values under the same names. Names have no order, lists have. */
export function isSameItem(left: Item | null, right: Item | null): boolean {
  if (left === null || right === null) return left === right;
  return isSameMap(left, right);
}

function isSameMap(left: ItemMap, right: ItemMap): boolean {
  const names = Object.keys(left);
  const areAsMany = names.length === Object.keys(right).length;
  return areAsMany && names.every((name) => isSameValue(left[name], right[name]));
}

function isSameValue(left: ItemValue | undefined, right: ItemValue | undefined): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return left === right;
  }
  if (left instanceof Uint8Array || right instanceof Uint8Array) {
    return left instanceof Uint8Array && right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  }
  if (isList(left) || isList(right)) return isList(left) && isList(right) && isSameList(left, right);
  return isSameMap(left, right);
}

function isSameList(left: readonly ItemValue[], right: readonly ItemValue[]): boolean {
  return left.length === right.length && left.every((element, index) => isSameValue(element, right[index]));
}
