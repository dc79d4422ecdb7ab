import { link, mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { assert } from '../../kernel/assert.ts';
import { StoreError } from '../../ports/store-error.ts';

interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What the object store asks of a file system. Errors are those of Node, with a `code`. */
export interface Files {
  /** Makes a file with this content, which is on the disk when this resolves; its name need not be. */
  create(path: string, body: Uint8Array): Promise<void>;
  /** Makes a folder for its owner alone, with those above it; all are on the disk when this resolves. */
  makeDurableFolder(path: string): Promise<void>;
  /** A folder that is there is fine. */
  makeFolder(path: string): Promise<void>;
  /** Puts on the disk which names the folder holds. */
  syncFolder(path: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  read(path: string): Promise<Uint8Array>;
  /** From `start` to before `end` or the end of the file, with the size of the whole. */
  readRange(path: string, range: ByteRange): Promise<{ readonly bytes: Uint8Array; readonly size: number }>;
  names(folder: string): Promise<readonly string[]>;
}

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

export function createFiles(): Files {
  return {
    create: async (path, body) => {
      await using file = await open(path, 'wx', PRIVATE_FILE);
      await file.writeFile(body);
      await file.sync();
    },
    makeDurableFolder,
    makeFolder: async (path) => {
      await mkdir(path, { recursive: true, mode: PRIVATE_FOLDER });
    },
    syncFolder,
    link,
    rename,
    remove: unlink,
    read: (path) => readFile(path),
    readRange,
    names: (folder) => readdir(folder),
  };
}

async function readRange(path: string, { start, end }: ByteRange) {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const bytes = Buffer.alloc(Math.max(0, Math.min(end, size) - start));
  let filled = 0;
  while (filled < bytes.byteLength) {
    const { bytesRead } = await file.read(bytes, filled, bytes.byteLength - filled, start + filled);
    assert(bytesRead > 0, 'a file of the object store never gets shorter');
    filled += bytesRead;
  }
  return { bytes, size };
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

export async function makeDurableFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: PRIVATE_FOLDER });
  if (first === undefined) return;
  for (let made = resolve(path); made.length >= resolve(first).length; made = dirname(made)) {
    await syncFolder(dirname(made));
  }
}

/** With these nothing was done, whatever it was. */
const REFUSALS = [
  'EACCES',
  'EPERM',
  'EROFS',
  'EMLINK',
  'ENOENT',
  'ENOTDIR',
  'ENAMETOOLONG',
  'EXDEV',
  'ENOTSUP',
];
const FULL = ['ENOSPC', 'EDQUOT'];
const TOO_MANY_OPEN = ['EMFILE', 'ENFILE'];

/** `outcome`: what an error says of the write where its code does not say more. */
export function toStoreError(thrown: unknown, outcome: StoreError['outcome']): StoreError {
  if (thrown instanceof StoreError) return thrown;
  const code = codeOf(thrown);
  const says = (list: readonly string[]) => code !== null && list.includes(code);
  const isCertain = [REFUSALS, FULL, TOO_MANY_OPEN].some(says);
  return new StoreError({
    message: `the file system could not answer: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    outcome: isCertain ? 'not_done' : outcome,
    reason: says(FULL) ? 'disk_full' : says(TOO_MANY_OPEN) ? 'throttled' : 'other',
    cause: thrown,
  });
}

export function codeOf(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}
