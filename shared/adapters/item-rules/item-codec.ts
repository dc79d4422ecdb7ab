import { Buffer } from 'node:buffer';
import { defined } from '../../kernel/assert.ts';
import type { Item, ItemKey, ItemValue } from '../../ports/item-store.ts';
import { isList, toStoredInteger } from './values.ts';

/**
 * Items as JSON text, exact for every value. What JSON lacks is a map of one entry: `$n` an integer that no `number`
 * holds, `$b` bytes in base64, and `$m` a map that would look like one of the three.
 */
const TAGS: ReadonlySet<string> = new Set(['$n', '$b', '$m']);
const TAG_IN_TEXT = '"$';

/** All attributes but the key. */
export function encodeAttributes(item: Item): string {
  const { pk: _pk, sk: _sk, ...attributes } = item;
  return JSON.stringify(toJson(attributes, true));
}

export function decodeItem({ pk, sk }: ItemKey, text: string): Item {
  const attributes = JSON.parse(text) as Record<string, ItemValue>;
  return { pk, sk, ...(text.includes(TAG_IN_TEXT) ? fromEntries(attributes) : attributes) };
}

function toJson(value: ItemValue, isItem: boolean): unknown {
  if (typeof value === 'bigint' || typeof value === 'number') {
    const stored = toStoredInteger(value);
    return typeof stored === 'bigint' ? { $n: String(stored) } : stored;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return { $b: Buffer.from(value).toString('base64') };
  if (isList(value)) return value.map((element) => toJson(element, false));
  const entries = Object.entries(value).map(([name, inner]) => [name, toJson(inner, false)] as const);
  const map: unknown = Object.fromEntries(entries);
  return !isItem && entries.length === 1 && TAGS.has(entries[0]?.[0] ?? '') ? { $m: map } : map;
}

function fromJson(value: ItemValue): ItemValue {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (isList(value)) return value.map(fromJson);
  const names = Object.keys(value);
  const tag = names.length === 1 ? names[0] : undefined;
  if (tag === undefined || !TAGS.has(tag)) return fromEntries(value);
  const inner = defined(value[tag], tag);
  if (tag === '$n') return BigInt(String(inner));
  if (tag === '$b') return new Uint8Array(Buffer.from(String(inner), 'base64'));
  return fromEntries(inner as Record<string, ItemValue>);
}

function fromEntries(map: Readonly<Record<string, ItemValue>>): Record<string, ItemValue> {
  return Object.fromEntries(Object.entries(map).map(([name, inner]) => [name, fromJson(inner)]));
}
