import canonicalize from 'canonicalize';
import { assert, defined } from './assert.ts';
import { LIMITS } from './limits.ts';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/**
 * Throws unless JSON can carry the value as it is: plain objects and arrays of strings, finite numbers, booleans and
 * null. A serializer would drop undefined members and lone surrogates silently, and two values would hash alike.
 */
export function assertJsonValue(value: unknown, depth = 0): asserts value is JsonValue {
  assert(depth <= LIMITS.canonicalJsonDepth, 'a JSON value is nested too deeply');
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') return assertWellFormed(value);
  if (typeof value === 'number') return assert(Number.isFinite(value), 'JSON has no NaN and no Infinity');
  assert(typeof value === 'object', `JSON has no ${typeof value}`);
  if (Array.isArray(value)) {
    for (const item of value) assertJsonValue(item, depth + 1);
    return;
  }
  const prototype = Object.getPrototypeOf(value);
  assert(prototype === Object.prototype || prototype === null, 'JSON has no class instances');
  for (const [key, member] of Object.entries(value)) {
    assertWellFormed(key);
    assertJsonValue(member, depth + 1);
  }
}

function assertWellFormed(text: string): void {
  assert(text.isWellFormed(), 'a JSON text holds a lone surrogate');
}

/** RFC 8785: one text for one value, whatever the order of its keys. Throws on what JSON cannot carry. */
export function canonicalJson(value: JsonValue): string {
  assertJsonValue(value);
  return defined(canonicalize(value), 'canonical JSON');
}
