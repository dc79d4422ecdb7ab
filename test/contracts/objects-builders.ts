import { randomUUID } from 'node:crypto';
import type { ObjectStore } from '../../shared/ports/object-store.ts';

export interface ObjectsUnderTest {
  readonly objects: () => ObjectStore;
  /** Runs of each property. */
  readonly runs: number;
}

/** A folder of the test's own: the store may hold objects of others. */
export const uniqueFolder = () => `contract/${randomUUID()}`;
export const bytesOf = (text: string) => new TextEncoder().encode(text);

export async function readText(objects: ObjectStore, key: string): Promise<string | undefined> {
  const body = await objects.get(key);
  return body === undefined ? undefined : new TextDecoder().decode(body);
}

/** All keys with a prefix, page by page; `next` must be there exactly while there are more. */
export async function listAll(
  objects: ObjectStore,
  input: { readonly prefix: string; readonly limit: number; readonly startAfter?: string },
): Promise<readonly string[]> {
  const page = await objects.list(input);
  if (page.next === undefined) return page.keys;
  return [...page.keys, ...(await listAll(objects, { ...input, startAfter: page.next }))];
}

/** Ascending by code points, which is the order of their UTF-8. */
export function inOrder(keys: Iterable<string>): readonly string[] {
  const points = (key: string) => Array.from(key, (character) => character.codePointAt(0) ?? 0);
  return [...keys].sort((a, b) => {
    const [left, right] = [points(a), points(b)];
    const at = left.findIndex((point, index) => point !== right[index]);
    return at === -1 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1);
  });
}
