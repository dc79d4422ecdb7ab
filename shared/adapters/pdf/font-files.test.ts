import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyFonts, createFolderFonts, createInstalledFonts } from './font-files.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'fonts-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

test.each([
  'NotoSans_400Regular.ttf',
  'NotoSans_600SemiBold.ttf',
  'NotoSansJP_400Regular.ttf',
  'NotoSansJP_600SemiBold.ttf',
] as const)('%s is the same beside a bundle as where it is installed', async (name) => {
  const folder = path.join(root, 'out', 'fonts');
  await copyFonts({ folder });
  const copied = await createFolderFonts({ folder: pathToFileURL(`${folder}/`) })(name);
  expect(copied.length).toBeGreaterThan(500_000);
  expect(Buffer.from(copied).equals(await createInstalledFonts()(name))).toBe(true);
});

test('a font is read once, and a failure to read it is not kept', async () => {
  const readFont = createFolderFonts({ folder: pathToFileURL(`${root}/`) });
  await expect(readFont('NotoSans_400Regular.ttf')).rejects.toThrow('ENOENT');
  await copyFonts({ folder: root });
  const first = await readFont('NotoSans_400Regular.ttf');
  expect(await readFont('NotoSans_400Regular.ttf')).toBe(first);
});
