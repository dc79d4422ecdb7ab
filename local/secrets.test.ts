import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSystemIds } from '../shared/adapters/system/ids.ts';
import { readSecrets } from './secrets.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secrets-'));
});
afterEach(() => rm(folder, { recursive: true }));
const read = () => readSecrets({ folder, ids: createSystemIds() });

test('secrets are drawn once, and only the owner can read them', async () => {
  const first = await read();
  expect(await read()).toEqual(first);
  expect((await stat(join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600);
});

test('what a crash left behind half written is not taken for secrets', async () => {
  await writeFile(join(folder, 'secrets.json.tmp'), '{"v":1,"pep');
  const first = await read();
  expect(await read()).toEqual(first);
});

test('a damaged file is an error and is never replaced: a new pepper would shut out every key', async () => {
  await writeFile(join(folder, 'secrets.json'), '{"v":1}');
  await expect(read()).rejects.toThrow();
  await expect(read()).rejects.toThrow();
});
