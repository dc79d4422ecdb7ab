import { err, ok } from '../../../kernel/result.ts';
import type { ObjectStore } from '../../../ports/object-store.ts';
import { assertListFits, assertObjectKey, compareKeys } from '../../object-keys.ts';

/** Twin of an object store. */
export function createMemoryObjects(): ObjectStore {
  const objects = new Map<string, Uint8Array>();
  return {
    put: async ({ key, body, ifAbsent }) => {
      assertObjectKey(key);
      if (ifAbsent === true && objects.has(key)) return err({ kind: 'exists' });
      objects.set(key, new Uint8Array(body));
      return ok(undefined);
    },
    get: async (key) => {
      assertObjectKey(key);
      const body = objects.get(key);
      return body === undefined ? undefined : new Uint8Array(body);
    },
    getRange: async ({ key, start, end }) => {
      assertObjectKey(key);
      const body = objects.get(key);
      return body === undefined ? undefined : { bytes: body.slice(start, end), size: body.byteLength };
    },
    list: async (input) => {
      assertListFits(input);
      const { prefix, limit, startAfter } = input;
      const matching = [...objects.keys()]
        .filter((key) => key.startsWith(prefix))
        .filter((key) => startAfter === undefined || compareKeys(key, startAfter) > 0)
        .sort(compareKeys);
      const keys = matching.slice(0, limit);
      const last = keys.at(-1);
      return matching.length > keys.length && last !== undefined ? { keys, next: last } : { keys };
    },
    delete: async (key) => {
      assertObjectKey(key);
      objects.delete(key);
    },
  };
}
