import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqlite } from './sqlite-database.ts';

const SCHEMA = 'CREATE TABLE IF NOT EXISTS t (a TEXT PRIMARY KEY) STRICT';
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sqlite-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a file that is none of SQLite is a store that cannot answer, not a crash', async () => {
  const path = join(folder, 'items.sqlite');
  await writeFile(path, 'something else, and long enough to be looked at'.repeat(200));
  expect(() => openSqlite({ path, schema: SCHEMA })).toThrow(
    expect.objectContaining({ name: 'StoreError', outcome: 'not_done' }),
  );
});

test('a disk that is full when the file is opened is named as such', () => {
  const open = () => openSqlite({ path: join(folder, 'items.sqlite'), schema: SCHEMA, pagesMax: 1 });
  expect(open).toThrow(expect.objectContaining({ name: 'StoreError', reason: 'disk_full' }));
});

test('works of one commit fail alone: what one of them wrote before it threw is gone, the others stand', async () => {
  const { write, read, close } = openSqlite({ path: join(folder, 'items.sqlite'), schema: SCHEMA });
  const put = (text: string, fails = false) =>
    write((db) => {
      db.prepare('INSERT INTO t VALUES (?)').run(text);
      if (fails) throw new Error('ours');
    });
  const outcomes = await Promise.allSettled([put('a'), put('b', true), put('c'), put('a')]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
  expect(
    read((db) =>
      db
        .prepare('SELECT a FROM t ORDER BY a')
        .all()
        .map(({ a }) => a),
    ),
  ).toEqual(['a', 'c']);
  await close();
});
