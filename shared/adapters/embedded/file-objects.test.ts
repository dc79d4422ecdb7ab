import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ObjectStore } from '../../ports/object-store.ts';
import { openFileObjects } from './file-objects.ts';
import { createFiles, type Files } from './files.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'objects-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const text = (body: Uint8Array | undefined) =>
  body === undefined ? undefined : Buffer.from(body).toString();
const put = (objects: ObjectStore, key: string, ifAbsent = false) =>
  objects.put({ key, body: Buffer.from(`body of ${key}`), ifAbsent });
const allKeys = async (objects: ObjectStore) => (await objects.list({ prefix: '', limit: 1_000 })).keys;

/** Files whose named call fails while `failing` names it. */
function failingFiles() {
  const files = createFiles();
  const failing: { call: keyof Files | null; code: string } = { call: null, code: 'EIO' };
  const failNow = (call: keyof Files) => {
    if (failing.call === call)
      throw Object.assign(new Error(`${failing.code}: ${call}`), { code: failing.code });
  };
  const watched: Files = {
    ...files,
    create: async (path, body) => {
      // A disk that fills up has taken a part.
      if (failing.call === 'create') await writeFile(path, body.subarray(0, 3));
      failNow('create');
      await files.create(path, body);
    },
    makeFolder: async (path) => {
      failNow('makeFolder');
      await files.makeFolder(path);
    },
    syncFolder: async (path) => {
      failNow('syncFolder');
      await files.syncFolder(path);
    },
    link: async (from, to) => {
      failNow('link');
      await files.link(from, to);
    },
    rename: async (from, to) => {
      failNow('rename');
      await files.rename(from, to);
    },
    remove: async (path) => {
      failNow('remove');
      await files.remove(path);
    },
    read: async (path) => {
      failNow('read');
      return await files.read(path);
    },
  };
  return { files: watched, failing };
}

describe('on a disk that works', () => {
  test('a store that is opened again has every object, and knows what exists', async () => {
    const first = await openFileObjects({ folder });
    for (const key of ['a', 'day/b', 'day/Ä']) await put(first, key);
    await first.delete('a');
    const second = await openFileObjects({ folder });
    expect(await allKeys(second)).toEqual(['day/b', 'day/Ä']);
    expect(text(await second.get('day/Ä'))).toBe('body of day/Ä');
    expect(await put(second, 'day/b', true)).toEqual({ ok: false, error: { kind: 'exists' } });
    expect(await put(second, 'a', true)).toMatchObject({ ok: true });
  });

  test('what a crash left half written is never listed, and is gone once the store opens', async () => {
    await put(await openFileObjects({ folder }), 'day/whole');
    for (const name of ['1', '17']) await writeFile(join(folder, 'writing', name), 'half');
    const objects = await openFileObjects({ folder });
    expect(await allKeys(objects)).toEqual(['day/whole']);
    expect(await readdir(join(folder, 'writing'))).toEqual([]);
    await put(objects, 'day/next');
    await put(objects, 'day/whole', true);
    expect(await readdir(join(folder, 'writing'))).toEqual([]);
  });

  test('files that others put beside the objects are no objects', async () => {
    const objects = await openFileObjects({ folder });
    await put(objects, 'day/b');
    for (const name of ['.DS_Store', '.hidden', 'UPPER', '%zz', '%41%', '%61']) {
      await writeFile(join(folder, 'stored', 'day+', name), 'foreign');
    }
    await mkdir(join(folder, 'stored', 'lost+found'));
    expect(await allKeys(objects)).toEqual(['day/b']);
  });

  test('keys are file names that one can read, escaped where a file system might not keep them', async () => {
    const objects = await openFileObjects({ folder });
    for (const key of ['chunks/2026-11-24/chk_1.ndjson.zst', 'A.b/.c d']) await put(objects, key);
    const read = (path: string) => readFile(join(folder, 'stored', path), 'utf8');
    expect(await read('chunks+/2026-11-24+/chk_1.ndjson.zst')).toBe(
      'body of chunks/2026-11-24/chk_1.ndjson.zst',
    );
    expect(await read('%41.b+/%2ec%20d')).toBe('body of A.b/.c d');
  });

  test('the folder is made with those above it, and what is in it is for its owner alone', async () => {
    const deep = join(folder, 'x', 'y', 'objects');
    await put(await openFileObjects({ folder: deep }), 'day/a');
    const modeOf = async (path: string) => (await stat(join(deep, path))).mode & 0o777;
    expect([await modeOf('.'), await modeOf('stored/day+'), await modeOf('stored/day+/a')]).toEqual([
      0o700, 0o700, 0o600,
    ]);
  });
});

describe('on a full disk', () => {
  test.each(['ENOSPC', 'EDQUOT'])(
    '%s in any step of a put means certainly not done, and room is used again',
    async (code) => {
      const { files, failing } = failingFiles();
      const objects = await openFileObjects({ folder, files });
      failing.code = code;
      for (const [call, ifAbsent] of [
        ['create', false],
        ['create', true],
        ['makeFolder', false],
        ['rename', false],
        ['link', true],
      ] as const) {
        const key = `${call}-${ifAbsent}/object`;
        failing.call = call;
        await expect(put(objects, key, ifAbsent)).rejects.toMatchObject({
          name: 'StoreError',
          outcome: 'not_done',
          reason: 'disk_full',
        });
        expect(await readdir(join(folder, 'writing'))).toEqual([]);
        expect(await objects.get(key)).toBeUndefined();
        failing.call = null;
        expect(await put(objects, key, true)).toMatchObject({ ok: true });
        expect(text(await objects.get(key))).toBe(`body of ${key}`);
      }
    },
  );

  test('an object that cannot be replaced stays as it was', async () => {
    const { files, failing } = failingFiles();
    const objects = await openFileObjects({ folder, files });
    await put(objects, 'a');
    Object.assign(failing, { call: 'create', code: 'ENOSPC' });
    await expect(objects.put({ key: 'a', body: Buffer.from('new') })).rejects.toMatchObject({
      reason: 'disk_full',
    });
    expect(text(await objects.get('a'))).toBe('body of a');
    await objects.delete('a');
    expect(await objects.get('a')).toBeUndefined();
  });
});

describe('on a disk that fails', () => {
  test.each([
    ['create', 'EIO', 'not_done', 'other'],
    ['create', 'EMFILE', 'not_done', 'throttled'],
    ['makeFolder', 'EIO', 'not_done', 'other'],
    ['rename', 'EIO', 'unknown', 'other'],
    ['rename', 'EROFS', 'not_done', 'other'],
    ['syncFolder', 'EIO', 'unknown', 'unreachable'],
  ] as const)('a put whose %s fails with %s is %s', async (call, code, outcome, reason) => {
    const { files, failing } = failingFiles();
    const objects = await openFileObjects({ folder, files });
    await put(objects, 'known/a');
    Object.assign(failing, { call, code });
    const key = call === 'makeFolder' ? 'new/a' : 'known/b';
    await expect(put(objects, key)).rejects.toMatchObject({ name: 'StoreError', outcome, reason });
  });

  test('after a folder could not be synced nothing is answered until the store is opened again', async () => {
    const { files, failing } = failingFiles();
    const objects = await openFileObjects({ folder, files });
    await put(objects, 'day/a');
    failing.call = 'syncFolder';
    await expect(put(objects, 'day/b', true)).rejects.toMatchObject({ outcome: 'unknown' });
    failing.call = null;
    for (const ask of [
      () => objects.get('day/b'),
      () => objects.list({ prefix: '', limit: 1 }),
      () => put(objects, 'day/b', true),
      () => objects.delete('day/b'),
    ]) {
      await expect(ask()).rejects.toMatchObject({
        name: 'StoreError',
        outcome: 'not_done',
        reason: 'unreachable',
      });
    }
    const again = await openFileObjects({ folder });
    expect(await put(again, 'day/b', true)).toEqual({ ok: false, error: { kind: 'exists' } });
  });

  test('what waits while a folder cannot be synced is never told that it was done', async () => {
    const { files, failing } = failingFiles();
    const objects = await openFileObjects({ folder, files });
    await put(objects, 'day/a');
    failing.call = 'syncFolder';
    const writes = Array.from({ length: 6 }, () => put(objects, 'day/b', true));
    const outcomes = await Promise.allSettled([...writes, objects.delete('day/a')]);
    expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 'rejected'));
  });

  test('what cannot be read is not taken for absent, and what cannot be deleted not for gone', async () => {
    const { files, failing } = failingFiles();
    const objects = await openFileObjects({ folder, files });
    await put(objects, 'a');
    failing.call = 'read';
    await expect(objects.get('a')).rejects.toMatchObject({ name: 'StoreError', outcome: 'not_done' });
    failing.call = 'remove';
    await expect(objects.delete('a')).rejects.toMatchObject({ name: 'StoreError', outcome: 'unknown' });
    failing.call = null;
    expect(text(await objects.get('a'))).toBe('body of a');
  });

  test('a store that cannot be opened says so as a store', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openFileObjects({ folder: join(folder, 'file') })).rejects.toMatchObject({
      name: 'StoreError',
    });
  });
});
