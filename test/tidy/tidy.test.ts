import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isTypeScript, listFiles } from '../../scripts/source-files.ts';
import { exportsHaveNames, timeAndChanceAreInjected } from './code-rules.ts';
import { placesInLockfile, versionsNotPinned } from './package-rules.ts';
import { foldersWithoutReadme } from './readme-rules.ts';
import { fileIsShort, functionsAreShort } from './size-rules.ts';
import type { Rule, SourceText } from './source.ts';
import { noRegistryIsNamed, nothingIsPutOff, pathsAreRelative } from './text-rules.ts';

const root = path.join(import.meta.dirname, '..', '..');
const files = listFiles({ root });
const readText = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const read = (file: string): SourceText => ({ path: file, text: readText(file) });

const isCode = (file: string) => isTypeScript(file) || file.endsWith('.mjs');
const isText = (file: string) =>
  isCode(file) || /\.(?:md|jsonc?|ya?ml|sh|sql)$|^\.?[^/.]+$|^\.ci\//.test(file) || file.startsWith('.');
const code = files.filter(isCode).map(read);
const texts = files.filter((file) => isText(file) && !file.startsWith('test/fixtures/')).map(read);

const broken = (rule: Rule, sources: readonly SourceText[]) => sources.flatMap((source) => rule(source));

test('the rules look at the whole repository', () => {
  expect(code.length).toBeGreaterThan(100);
  expect(texts.map((text) => text.path)).toEqual(
    expect.arrayContaining([
      '.npmrc',
      '.ci/run',
      'LICENSE',
      'README.md',
      'package-lock.json',
      'package.json',
    ]),
  );
});

describe('code', () => {
  test('no file is longer than 300 lines', () => {
    expect(broken(fileIsShort, code)).toEqual([]);
  });

  test('no function is longer than 60 lines', () => {
    expect(broken(functionsAreShort, code)).toEqual([]);
  });

  test('time and chance come from adapters', () => {
    expect(broken(timeAndChanceAreInjected, code)).toEqual([]);
  });

  test('every export has a name', () => {
    expect(broken(exportsHaveNames, code)).toEqual([]);
  });
});

describe('texts', () => {
  test('nothing is put off and no checker is silenced', () => {
    expect(broken(nothingIsPutOff, texts)).toEqual([]);
  });

  test('no path belongs to one machine', () => {
    expect(broken(pathsAreRelative, texts)).toEqual([]);
  });

  test('no package registry is named', () => {
    expect(broken(noRegistryIsNamed, texts)).toEqual([]);
  });
});

describe('folders and packages', () => {
  test('each folder with content of its own has a README', () => {
    expect(foldersWithoutReadme(files)).toEqual([]);
  });

  test('every dependency has an exact version', () => {
    expect(versionsNotPinned(JSON.parse(readText('package.json')))).toEqual([]);
  });

  test('the lock file does not say where packages come from', () => {
    expect(placesInLockfile(JSON.parse(readText('package-lock.json')))).toEqual([]);
  });
});
