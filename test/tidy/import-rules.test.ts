import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkImports, filesUnseen } from '../../scripts/check-imports.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'import-rules-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
}

function installPackages(names: readonly string[]): void {
  const dependencies = Object.fromEntries(names.map((name) => [name, '1.0.0']));
  write({ 'package.json': JSON.stringify({ type: 'module', dependencies }) });
  for (const name of names) {
    const manifest = JSON.stringify({ name, version: '1.0.0', main: 'index.js' });
    write({ [`node_modules/${name}/package.json`]: manifest, [`node_modules/${name}/index.js`]: '' });
  }
}

const violations = async () => (await checkImports({ root })).violations;
const target = 'export const target = 1;\n';
/** From a file in `folder`, up to the root. */
const importing = (from: string, to: string) => {
  const upwards = path.posix.relative(path.posix.dirname(from), '');
  return `import { target } from './${upwards}/${to}';\nexport const used = target;\n`;
};

test.each([
  ['shared/kernel/a.ts', 'shared/domain/rating/b.ts', 'kernel-imports'],
  ['shared/contracts/a.ts', 'shared/domain/rating/b.ts', 'contracts-imports'],
  ['shared/domain/rating/a.ts', 'shared/contracts/b.ts', 'domain-imports'],
  ['shared/ports/a.ts', 'shared/app/b.ts', 'ports-imports'],
  ['shared/app/a.ts', 'shared/adapters/embedded/b.ts', 'app-imports'],
  ['shared/adapters/embedded/a.ts', 'shared/app/b.ts', 'adapters-imports'],
  ['functions/ingest-events/a.ts', 'shared/domain/rating/b.ts', 'functions-imports'],
  ['functions/ingest-events/a.ts', 'functions/serve-api/b.ts', 'functions-not-one-another'],
  ['functions/_kit/a.ts', 'functions/serve-api/b.ts', 'functions-not-one-another'],
  ['bin/a.ts', 'shared/domain/rating/b.ts', 'bin-imports'],
  ['lib/a.ts', 'shared/kernel/b.ts', 'lib-imports'],
  ['scripts/a.ts', 'functions/serve-api/b.ts', 'functions-used-by'],
  ['scripts/a.ts', 'local/b.ts', 'local-used-by'],
  ['shared/app/a.ts', 'shared/app/b.test.ts', 'tests-used-by'],
])('%s must not import %s', async (from, to, rule) => {
  write({ [from]: importing(from, to), [to]: target });
  expect(await violations()).toContain(`${rule}: ${from} -> ${to}`);
});

test.each([
  ['shared/app/a.ts', 'shared/ports/b.ts'],
  ['shared/domain/rating/a.ts', 'shared/kernel/b.ts'],
  ['functions/ingest-events/a.ts', 'functions/_kit/b.ts'],
  ['functions/ingest-events/a.ts', 'shared/adapters/embedded/b.ts'],
  ['local/a.ts', 'functions/serve-api/b.ts'],
  ['bin/a.ts', 'local/b.ts'],
  ['lib/a.ts', 'shared/contracts/names.ts'],
  ['shared/kernel/a.test.ts', 'functions/serve-api/b.ts'],
  ['test/a.ts', 'local/b.ts'],
])('%s may import %s', async (from, to) => {
  write({ [from]: importing(from, to), [to]: target });
  expect(await violations()).toEqual([]);
});

test.each([
  ['shared/kernel/money.ts', 'decimal.js', 'decimal-used-by'],
  ['shared/domain/a.ts', 'decimal.js', 'domain-packages'],
  ['shared/app/a.ts', '@aws-sdk/client-dynamodb', 'app-packages'],
  ['shared/ports/a.ts', '@clickhouse/client', 'ports-packages'],
  ['shared/contracts/a.ts', '@middy/core', 'contracts-packages'],
  ['functions/serve-api/a.ts', 'chdb', 'vendors-used-by'],
  ['local/a.ts', '@clickhouse/client', 'vendors-used-by'],
  ['shared/adapters/aws/a.ts', '@aws-lambda-powertools/logger', 'lambda-frame-used-by'],
  ['lib/a.ts', '@aws-sdk/client-s3', 'lib-packages'],
])('%s must not use the package %s', async (from, name, rule) => {
  installPackages([name]);
  write({ [from]: `import * as all from '${name}';\nexport const used = all;\n` });
  expect(
    (await violations()).filter((line) => line.startsWith(`${rule}: ${from} -> node_modules/`)),
  ).toHaveLength(1);
});

test.each([
  ['shared/kernel/decimal.ts', 'decimal.js'],
  ['shared/adapters/aws/a.ts', '@aws-sdk/client-dynamodb'],
  ['functions/serve-api/a.ts', '@middy/core'],
  ['shared/app/a.ts', 'zod'],
])('%s may use the package %s', async (from, name) => {
  installPackages([name]);
  write({ [from]: `import * as all from '${name}';\nexport const used = all;\n` });
  expect(await violations()).toEqual([]);
});

test.each([
  ['shared/kernel/a.ts', 'node:fs', ['kernel-node']],
  ['shared/domain/a.ts', 'node:crypto', ['domain-node']],
  ['shared/app/a.ts', 'node:fs/promises', ['app-node']],
  ['shared/app/a.ts', 'node:zlib', []],
  ['functions/serve-api/a.ts', 'node:sqlite', ['functions-node']],
  ['functions/serve-api/a.ts', 'node:http', ['functions-node']],
  ['shared/adapters/embedded/a.ts', 'node:sqlite', []],
])('%s and %s', async (from, module, rules) => {
  write({ [from]: `import * as all from '${module}';\nexport const used = all;\n` });
  expect((await violations()).map((line) => line.split(':')[0])).toEqual(rules);
});

test('a cycle, also one of types alone, is found', async () => {
  write({
    'shared/app/a.ts': "import type { B } from './b.ts';\nexport interface A { readonly b: B }\n",
    'shared/app/b.ts': "import type { A } from './a.ts';\nexport interface B { readonly a: A }\n",
  });
  expect(await violations()).toContain('no-cycles: shared/app/a.ts -> shared/app/b.ts');
});

test('an import that leads nowhere is found', async () => {
  write({ 'shared/app/a.ts': "import { b } from './b.ts';\nexport const used = b;\n" });
  expect(await violations()).toEqual(['resolvable: shared/app/a.ts -> ./b.ts']);
});

test('every file is in the graph, also one that nobody imports', async () => {
  write({ 'shared/app/a.ts': target, 'bin/b.ts': target });
  expect((await checkImports({ root })).unseen).toEqual([]);
});

test('a graph that lacks a file is not taken for a clean one', () => {
  const modules = [{ source: 'a.ts' }, { source: 'b.ts', couldNotResolve: true }];
  expect(filesUnseen({ files: ['a.ts', 'b.ts', 'c.ts'], modules })).toEqual(['b.ts', 'c.ts']);
});
