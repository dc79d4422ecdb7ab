import { mkdir, mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DataFolderLock, lockDataFolder } from '../../shared/adapters/embedded/data-folder.ts';
import { StoreError } from '../../shared/ports/store-error.ts';
import { type Child, startChild } from './child.ts';

let root = '';
let children: Child[] = [];
let locks: DataFolderLock[] = [];
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'folder-')));
});
afterEach(async () => {
  for (const child of children) await child.kill();
  for (const lock of locks) await lock.release();
  children = [];
  locks = [];
  await rm(root, { recursive: true, force: true });
});

async function lock(folder: string): Promise<DataFolderLock> {
  const held = await lockDataFolder({ folder });
  locks.push(held);
  return held;
}

/** A process that tries to hold the folder, and what it says. */
async function startHolder(folder: string): Promise<{ readonly says: unknown; readonly child: Child }> {
  const child = startChild('hold-folder.child.ts', [folder]);
  children.push(child);
  return { says: (await child.lines.next()).value, child };
}

const locked = (folder: string) =>
  expect.objectContaining({
    code: 'storage.locked',
    message: `Another process uses this data directory: ${folder}`,
  });

test('one process at a time holds a folder, and it dies with its holder, even one that is killed', async () => {
  const folder = join(root, 'data');
  const first = await startHolder(folder);
  expect(first.says).toBe('held');
  expect((await startHolder(folder)).says).toBe('storage.locked');
  await expect(lock(folder)).rejects.toEqual(locked(folder));
  await first.child.kill();
  await lock(folder);
  expect((await startHolder(folder)).says).toBe('storage.locked');
});

test('a folder that was let go can be held by another process', async () => {
  const folder = join(root, 'data');
  const held = await lock(folder);
  await held.release();
  await held.release();
  expect((await startHolder(folder)).says).toBe('held');
  await expect(lock(folder)).rejects.toEqual(locked(folder));
});

test('a process cannot hold a folder twice, by whatever path, and failing to does not let it go', async () => {
  const folder = join(root, 'data');
  const held = await lock(folder);
  await symlink(folder, join(root, 'alias'));
  for (const path of [folder, join(root, 'alias'), join(root, '.', 'data', '.')]) {
    await expect(lock(path)).rejects.toEqual(locked(path));
  }
  expect((await startHolder(folder)).says).toBe('storage.locked');
  await held.release();
  await lock(join(root, 'alias'));
});

test('of many that try at the same time, one holds the folder', async () => {
  const folder = join(root, 'data');
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lock(folder)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('folders do not stand in one another’s way', async () => {
  await lock(join(root, 'a'));
  await lock(join(root, 'b'));
  expect((await startHolder(join(root, 'c'))).says).toBe('held');
});

test('a folder is made with those above it, for its owner alone; one that is there stays as it is', async () => {
  const folder = join(root, 'deep', 'down', 'data');
  await lock(folder);
  for (const path of [folder, join(root, 'deep')]) expect((await stat(path)).mode & 0o777).toBe(0o700);
  const shared = join(root, 'shared');
  await mkdir(shared, { mode: 0o750 });
  await lock(shared);
  expect((await stat(shared)).mode & 0o777).toBe(0o750);
});

test('a place that cannot be a data folder is not taken for a locked one', async () => {
  await writeFile(join(root, 'file'), '');
  await expect(lock(join(root, 'file'))).rejects.toThrow(StoreError);
  await expect(lock(join(root, 'file', 'data'))).rejects.toThrow(StoreError);
  await mkdir(join(root, 'data'));
  await writeFile(join(root, 'data', 'lock'), 'no database'.repeat(100));
  await expect(lock(join(root, 'data'))).rejects.toThrow(StoreError);
});
