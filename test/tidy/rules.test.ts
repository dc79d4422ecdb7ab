import { describe, expect, test } from 'vitest';
import { exportsHaveNames, timeAndChanceAreInjected } from './code-rules.ts';
import { placesInLockfile, versionsNotPinned } from './package-rules.ts';
import { foldersWithoutReadme } from './readme-rules.ts';
import { fileIsShort, functionsAreShort } from './size-rules.ts';
import type { Rule } from './source.ts';
import { noRegistryIsNamed, nothingIsPutOff, pathsAreRelative } from './text-rules.ts';

const findings = (rule: Rule, text: string, path = 'shared/app/sample.ts') => rule({ path, text });
const lines = (count: number, line = 'work();') => Array.from({ length: count }, () => line).join('\n');

describe('a tidy rule catches what it forbids and lets the rest pass', () => {
  test('length of a file', () => {
    expect(findings(fileIsShort, lines(300))).toEqual([]);
    expect(findings(fileIsShort, `${lines(301)}\n`)).toEqual([
      'shared/app/sample.ts: 301 lines, at most 300',
    ]);
  });

  test('length of a function, of whatever kind', () => {
    const kinds = [
      (body: string) => `export function long() {\n${body}\n}`,
      (body: string) => `const long = () => {\n${body}\n};`,
      (body: string) => `class Long { method() {\n${body}\n} }`,
      (body: string) => `const long = { method() {\n${body}\n} };`,
    ];
    for (const kind of kinds) {
      expect(findings(functionsAreShort, kind(lines(58)))).toEqual([]);
      expect(findings(functionsAreShort, kind(lines(59)))).toHaveLength(1);
    }
  });

  test('length of a suite: its tests count, the suite does not', () => {
    const suite = (body: string) => `export function contract() { describe('x', () => {\n${body}\n}); }`;
    const aTest = (count: number) => `test('y', () => {\n${lines(count)}\n});`;
    expect(findings(functionsAreShort, suite([aTest(50), aTest(50)].join('\n')), 'test/a.ts')).toEqual([]);
    expect(findings(functionsAreShort, suite(aTest(59)), 'test/a.ts')).toHaveLength(1);
    expect(findings(functionsAreShort, suite(lines(59)), 'shared/app/a.ts')).toHaveLength(2);
  });

  test.each([
    'const at = Date.now();',
    'const now = { nowMs: Date.now };',
    'const at = new Date();',
    'const at = new Date;',
    'const at = Date();',
    'const part = Math.random();',
    "import { randomUUID } from 'node:crypto';",
    'const id = crypto.randomUUID();',
    'const at = Temporal.Now.instant();',
  ])('the present time or chance: %s', (text) => {
    expect(findings(timeAndChanceAreInjected, text)).toHaveLength(1);
    expect(findings(timeAndChanceAreInjected, text, 'shared/adapters/system/clock.ts')).toEqual([]);
    expect(findings(timeAndChanceAreInjected, text, 'test/crash/kill.ts')).toEqual([]);
  });

  test('a given time is not the present time', () => {
    const text = 'const at = new Date(nowMs); const text = "Date.now()"; // new Date() is not allowed here';
    expect(findings(timeAndChanceAreInjected, text)).toEqual([]);
  });

  test.each(['export default 1;', 'export default function f() {}', 'const a = 1; export { a as default };'])(
    'a default export: %s',
    (text) => {
      expect(findings(exportsHaveNames, text)).toHaveLength(1);
      expect(findings(exportsHaveNames, text, 'vitest.config.ts')).toEqual([]);
    },
  );

  // Put together from pieces, because the rules read this file too.
  test.each([
    ['// TO', 'DO: later'],
    ['// FIX', 'ME'],
    ['// @ts-', 'ignore'],
    ['/* eslint-', 'disable */'],
  ])('work put off: %s%s', (start, end) => {
    expect(findings(nothingIsPutOff, `const a = 1; ${start}${end}`)).toHaveLength(1);
    expect(
      findings(nothingIsPutOff, 'toDo(); // @ts-expect-error: the cast is what the test is about'),
    ).toEqual([]);
  });

  test.each(['home', 'Users', 'root', 'work'])('a path of one machine: /%s', (folder) => {
    expect(findings(pathsAreRelative, `cd ${['', folder, 'me'].join('/')}`)).toHaveLength(1);
    expect(findings(pathsAreRelative, `const a = './${folder}/me'; GET /v1/${folder}/me`)).toEqual([]);
  });

  test('a package registry', () => {
    expect(findings(noRegistryIsNamed, `https://${['registry', 'npmjs', 'org'].join('.')}/zod`)).toHaveLength(
      1,
    );
    expect(findings(noRegistryIsNamed, 'installed from the npm registry')).toEqual([]);
  });

  test('a version that is not exact', () => {
    const dependencies = { a: '^1.0.0', b: '1.0.0', c: 'latest', d: '1.0.0-rc.1', e: '1.x' };
    expect(versionsNotPinned({ dependencies, devDependencies: { f: '~2.0.0' } })).toEqual([
      'dependencies.a: ^1.0.0',
      'dependencies.c: latest',
      'dependencies.e: 1.x',
      'devDependencies.f: ~2.0.0',
    ]);
  });

  test('a place in the lock file', () => {
    expect(placesInLockfile({ packages: { '': {}, a: { resolved: 'somewhere' } } })).toEqual(['a']);
  });

  test('a folder without README', () => {
    const files = [
      'shared/domain/rating/a.ts',
      'shared/domain/rating/deep/b.ts',
      'bin/c.ts',
      'bin/README.md',
    ];
    expect(foldersWithoutReadme(files)).toEqual(['shared/domain/rating']);
  });
});
