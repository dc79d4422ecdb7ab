import { assert } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Item, ItemKey, ItemValue } from '../../ports/item-store.ts';
import { utf8Bytes } from './text.ts';

const BEYOND_DIGITS = 10n ** BigInt(LIMITS.integerDigits);
const LIST_OR_MAP_BYTES = 3;
const ELEMENT_BYTES = 1;

/** The size of an item as DynamoDB counts it. Throws InvariantError on a value that no store could keep exactly. */
export function itemBytes(item: Item): number {
  return attributesBytes(item, 1);
}

const MEASURED = new WeakMap<Item, number>();

/** As `itemBytes`, of an item that nobody changes any more: it is measured once. */
export function heldBytes(item: Item): number {
  const known = MEASURED.get(item);
  if (known !== undefined) return known;
  const bytes = itemBytes(item);
  MEASURED.set(item, bytes);
  return bytes;
}

/** As `itemBytes`, of some attributes. `level` is that of their values: 1 in an item itself. */
function attributesBytes(attributes: Readonly<Record<string, ItemValue>>, level: number): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(attributes)) {
    bytes += nameBytes(name) + valueBytes(value, level);
  }
  return bytes;
}

/** Names of attributes are few. Beyond so many all are forgotten and looked at again. */
const NAMES_MAX = 1_000;
const NAMES = new Map<string, number>();

function nameBytes(name: string): number {
  const known = NAMES.get(name);
  if (known !== undefined) return known;
  assertAttributeName(name);
  if (NAMES.size >= NAMES_MAX) NAMES.clear();
  const bytes = utf8Bytes(name);
  NAMES.set(name, bytes);
  return bytes;
}

const CONTROL = /\p{Cc}/u;

export function assertAttributeName(name: string): void {
  assert(typeof name === 'string' && name !== '' && name.isWellFormed(), 'an attribute has a name');
  assert(utf8Bytes(name) <= LIMITS.attributeNameBytes, 'the name of an attribute is too long');
  // V8's JSON.parse (13.6) takes a name that is written as an escape for one that is a backslash.
  assert(!CONTROL.test(name), 'the name of an attribute holds no control characters');
  // The AWS SDK assigns by name, and so would lose it without a word.
  assert(name !== '__proto__', 'no attribute is called __proto__');
}

export function valueBytes(value: ItemValue, level: number): number {
  if (value === null || typeof value === 'boolean') return 1;
  if (typeof value === 'string') {
    assert(value.isWellFormed(), 'a text with half a surrogate pair has no UTF-8');
    return utf8Bytes(value);
  }
  if (typeof value === 'number' || typeof value === 'bigint') return integerBytes(value);
  assert(typeof value === 'object', `an attribute holds no ${typeof value}`);
  if (value instanceof Uint8Array) return value.length;
  assert(level <= LIMITS.attributeDepth, 'lists and maps are nested too deeply');
  if (isList(value)) {
    // By index: what a sparse list leaves out is undefined, and refused.
    const elements = Array.from(value, (element) => ELEMENT_BYTES + valueBytes(element, level + 1));
    return LIST_OR_MAP_BYTES + elements.reduce((sum, bytes) => sum + bytes, 0);
  }
  assert(isPlain(value), 'an attribute holds plain objects only');
  const elements = Object.keys(value).length * ELEMENT_BYTES;
  return LIST_OR_MAP_BYTES + elements + attributesBytes(value, level + 1);
}

/** Published as about one byte for two significant digits and one more; this is the most it can be. */
function integerBytes(value: number | bigint): number {
  assertInteger(value);
  const digits = String(value).replace('-', '').replace(/0+$/, '').length;
  return Math.floor(digits / 2) + 2 + (value < 0 ? 1 : 0);
}

export function assertInteger(value: number | bigint): void {
  if (typeof value === 'number') {
    assert(Number.isSafeInteger(value), 'a number is a safe integer; larger ones are bigint, decimals text');
  } else {
    assert(value < BEYOND_DIGITS && value > -BEYOND_DIGITS, 'an integer has too many digits');
  }
}

/** `number` where that is exact, as every integer is read back. */
export function toStoredInteger(value: number | bigint): number | bigint {
  const asNumber = Number(value);
  if (!Number.isSafeInteger(asNumber)) return value;
  return asNumber === 0 ? 0 : asNumber;
}

/** A copy that shares nothing, with integers as they are read back. */
export function copyItem<T extends Readonly<Record<string, ItemValue>>>(item: T): T {
  return copyValue(item) as T;
}

function copyValue(value: ItemValue): ItemValue {
  if (typeof value === 'number' || typeof value === 'bigint') return toStoredInteger(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (isList(value)) return value.map(copyValue);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copyValue(inner)]));
}

export function isList(value: ItemValue): value is readonly ItemValue[] {
  return Array.isArray(value);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function assertKey({ pk, sk }: ItemKey): void {
  assertKeyText(pk, LIMITS.partitionKeyBytes);
  assertKeyText(sk, LIMITS.sortKeyBytes);
}

export function assertKeyText(text: ItemValue | undefined, bytesMax: number): void {
  assert(typeof text === 'string' && text !== '', 'a part of a key is a text that is not empty');
  assert(text.isWellFormed(), 'a key with half a surrogate pair has no UTF-8');
  assert(utf8Bytes(text) <= bytesMax, 'a part of a key is too long');
}
