import type { JsonObject, JsonValue } from '../../kernel/canonical-json.ts';

/** Where two values differ: `lines[2].amount`, `is 11.20, should be 11.19`. */
export interface Difference {
  readonly path: string;
  readonly message: string;
}

/** The first one in the order of the expected value's fields; null: there is none. */
export function firstDifference(is: JsonValue, should: JsonValue, path = ''): Difference | null {
  if (isList(is) && isList(should)) return differenceOfLists(is, should, path);
  if (isObject(is) && isObject(should)) {
    for (const field of new Set([...Object.keys(should), ...Object.keys(is)])) {
      const found = differenceOfMembers(is[field], should[field], path === '' ? field : `${path}.${field}`);
      if (found !== null) return found;
    }
    return null;
  }
  return is === should ? null : { path, message: `is ${shown(is)}, should be ${shown(should)}` };
}

function differenceOfLists(
  is: readonly JsonValue[],
  should: readonly JsonValue[],
  path: string,
): Difference | null {
  for (let index = 0; index < Math.max(is.length, should.length); index += 1) {
    const found = differenceOfMembers(is[index], should[index], `${path}[${index}]`);
    if (found !== null) return found;
  }
  return null;
}

function differenceOfMembers(
  is: JsonValue | undefined,
  should: JsonValue | undefined,
  path: string,
): Difference | null {
  if (should === undefined) return { path, message: 'should not be there' };
  if (is === undefined) return { path, message: 'is missing' };
  return firstDifference(is, should, path);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
