import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { promisesLeftAlone } from './promise-rule.ts';

const root = path.join(import.meta.dirname, '..', '..');

function compilerOptions(): ts.ParsedCommandLine {
  const file = path.join(root, 'tsconfig.json');
  return ts.parseJsonConfigFileContent(ts.readConfigFile(file, ts.sys.readFile).config, ts.sys, root);
}

test('nowhere is a promise started that nobody waits for', () => {
  const { fileNames, options } = compilerOptions();
  expect(promisesLeftAlone(ts.createProgram(fileNames, options), root)).toEqual([]);
});

test('a promise left alone is found, also one of a library', () => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'promises-')));
  const sample = path.join(folder, 'sample.ts');
  const statements = [
    "Promise.resolve('left');",
    "Promise.reject(new Error('left')).finally(() => undefined);",
    "Promise.resolve('handled').catch(() => undefined);",
    "void Promise.resolve('meant');",
    "await Promise.resolve('waited for');",
    "const kept = Promise.resolve('kept');",
    'export const length = [kept].length;',
  ];
  writeFileSync(sample, statements.join('\n'));
  try {
    const program = ts.createProgram([sample], { ...compilerOptions().options, types: [] });
    expect(promisesLeftAlone(program, folder)).toEqual([
      'sample.ts:1: a promise that nobody waits for',
      'sample.ts:2: a promise that nobody waits for',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
