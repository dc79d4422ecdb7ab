import { assert, InvariantError } from './assert.ts';
import { LIMITS } from './limits.ts';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/**
 * Throws unless JSON can carry the value as it is: plain objects and arrays of strings, finite numbers, booleans and
 * null. A serializer would drop undefined members and lone surrogates silently, and two values would hash alike.
 */
export function assertJsonValue(value: unknown): asserts value is JsonValue {
  isInOrder(value, 0);
}

/**
 * RFC 8785: one text for one value, whatever the order of its keys. Throws on what JSON cannot carry. Values whose keys are
 * in order already are written several times as fast.
 */
export function canonicalJson(value: JsonValue): string {
  return isInOrder(value, 0) ? JSON.stringify(value) : write(value);
}

/** Whether JSON.stringify, which keeps to the order of keys, writes the value as RFC 8785 does. Throws as `canonicalJson`. */
function isInOrder(value: unknown, depth: number): boolean {
  assert(depth <= LIMITS.canonicalJsonDepth, 'a JSON value is nested too deeply');
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'string') {
    assert(value.isWellFormed(), 'a JSON text holds a lone surrogate');
    return true;
  }
  if (typeof value === 'number') {
    assert(Number.isFinite(value), 'JSON has no NaN and no Infinity');
    return true;
  }
  if (typeof value !== 'object') throw new InvariantError(`JSON has no ${typeof value}`);
  return Array.isArray(value) ? isListInOrder(value, depth) : isObjectInOrder(value, depth);
}

function isListInOrder(list: readonly unknown[], depth: number): boolean {
  let inOrder = true;
  // By index: what a sparse list leaves out is undefined, and refused.
  for (let index = 0; index < list.length; index += 1) {
    inOrder = isInOrder(list[index], depth + 1) && inOrder;
  }
  return inOrder;
}

function isObjectInOrder(object: object, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  assert(prototype === Object.prototype || prototype === null, 'JSON has no class instances');
  let inOrder = true;
  let last = '';
  for (const key of Object.keys(object)) {
    assert(key.isWellFormed(), 'a JSON text holds a lone surrogate');
    // By UTF-16 code units, as the RFC asks.
    inOrder &&= last <= key;
    last = key;
    inOrder = isInOrder((object as Record<string, unknown>)[key], depth + 1) && inOrder;
  }
  return inOrder;
}

function write(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(write).join(',')}]`;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`).join(',')}}`;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
