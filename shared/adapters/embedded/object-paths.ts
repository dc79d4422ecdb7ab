import { join } from 'node:path';
import { decodeSegment, encodeSegment, isObjectSegment } from '../object-keys.ts';
import type { DurableFolders } from './durable-folders.ts';
import type { Files } from './files.ts';

/** Ends the name of a folder, and of nothing else: so there may be an object `a` beside an object `a/b`. */
const FOLDER = '+';

export function objectPath(root: string, key: string): string {
  const segments = key.split('/').map(encodeSegment);
  const name = segments.pop() ?? '';
  return join(root, ...segments.map((segment) => segment + FOLDER), name);
}

interface WalkInput {
  readonly prefix: string;
  readonly startAfter?: string;
}

interface Found {
  /** Of a folder: what the keys of its objects start with, `/` included. */
  readonly key: string;
  readonly bytes: Buffer;
  readonly folder: string | null;
}

interface WalkDeps {
  readonly files: Files;
  readonly folders: DurableFolders;
  readonly root: string;
}

/** The keys that match, in the order of their UTF-8. Holds the names of one folder of each level at a time. */
export async function* walkKeys(deps: WalkDeps, input: WalkInput): AsyncGenerator<string> {
  const segments = input.prefix.split('/').slice(0, -1);
  if (!segments.every(isObjectSegment)) return;
  const folder = join(deps.root, ...segments.map((segment) => encodeSegment(segment) + FOLDER));
  yield* walkFolder(deps, { ...input, folder, start: segments.map((segment) => `${segment}/`).join('') });
}

async function* walkFolder(
  deps: WalkDeps,
  input: WalkInput & { readonly folder: string; readonly start: string },
): AsyncGenerator<string> {
  if (!(await deps.folders.isThere(input.folder))) return;
  const names = await deps.files.names(input.folder);
  const after = input.startAfter === undefined ? null : Buffer.from(input.startAfter);
  const found = names
    .map((name) => toFound(input, name))
    .filter((one) => one !== null)
    .filter((one) => one.key.startsWith(input.prefix) && isBehind(one, after))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  for (const { key, folder } of found) {
    if (folder === null) yield key;
    else yield* walkFolder(deps, { ...input, folder, start: key });
  }
}

function toFound(input: { readonly folder: string; readonly start: string }, name: string): Found | null {
  const isFolder = name.endsWith(FOLDER);
  const segment = decodeSegment(isFolder ? name.slice(0, -FOLDER.length) : name);
  if (segment === null) return null;
  const key = `${input.start}${segment}${isFolder ? '/' : ''}`;
  return { key, bytes: Buffer.from(key), folder: isFolder ? join(input.folder, name) : null };
}

/** Of a folder: whether an object in it can be. */
function isBehind({ bytes, folder }: Found, after: Buffer | null): boolean {
  if (after === null || Buffer.compare(bytes, after) > 0) return true;
  return folder !== null && after.subarray(0, bytes.length).equals(bytes);
}
