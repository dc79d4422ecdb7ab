import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** A stand-in for npm that installs a stand-in for Node 24, or is killed half-way. */
const NPM = `
const fs = require('node:fs');
fs.appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');
fs.rmSync('node_modules', { recursive: true, force: true });
fs.mkdirSync('node_modules/.bin', { recursive: true });
fs.mkdirSync('node_modules/zod', { recursive: true });
fs.writeFileSync('node_modules/zod/package.json', '{}');
if (process.env.NPM_KILLED) process.kill(process.pid, 'SIGKILL');
if (process.env.NPM_FAILS) process.exit(1);
const node = '#!/bin/sh\\ncase "$2" in *chdb*) echo "$CHDB_ANSWERS";; *) echo "$NODE_IS";; esac\\n';
fs.writeFileSync('node_modules/.bin/node', node, { mode: 0o755 });
fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
`;

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'bootstrap-'));
  mkdirSync(path.join(root, 'scripts'));
  copyFileSync(path.join(import.meta.dirname, 'bootstrap.mjs'), path.join(root, 'scripts', 'bootstrap.mjs'));
  writeFileSync(path.join(root, 'npm-cli.js'), NPM);
  lock('1.0.0');
});
afterEach(() => rmSync(root, { recursive: true }));

function lock(version: string): void {
  const packages = {
    '': {},
    'node_modules/zod': { version },
    'node_modules/other': { version, optional: true },
  };
  writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify({ packages }));
}

function bootstrap(env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/bootstrap.mjs'], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      npm_execpath: path.join(root, 'npm-cli.js'),
      NODE_IS: '24.1.0',
      CHDB_ANSWERS: '42',
      ...env,
    },
  });
  return { status, stdout, lastLine: stderr.trimEnd().split('\n').at(-1) ?? '' };
}

const installs = () => {
  const log = path.join(root, 'npm.log');
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
};

test('installs once, development and optional packages included, and says nothing on standard output', () => {
  expect(bootstrap()).toMatchObject({ status: 0, stdout: '' });
  expect(bootstrap()).toEqual({ status: 0, stdout: '', lastLine: '' });
  expect(installs()).toEqual(['ci --include=dev --include=optional --ignore-scripts=false --loglevel=error']);
});

test('installs again when the lock file changes', () => {
  bootstrap();
  lock('1.0.1');
  expect(bootstrap().status).toBe(0);
  expect(installs()).toHaveLength(2);
});

test.each(['NPM_KILLED', 'NPM_FAILS'])('an install that did not end (%s) is done again', (how) => {
  bootstrap();
  lock('1.0.1');
  expect(bootstrap({ [how]: '1' }).status).toBe(1);
  expect(bootstrap().status).toBe(0);
  expect(bootstrap().status).toBe(0);
  expect(installs()).toHaveLength(3);
});

test('takes an install made by hand as it is, if it is whole', () => {
  bootstrap();
  rmSync(path.join(root, 'node_modules', '.countinghouse-installed'));
  expect(bootstrap().status).toBe(0);
  expect(installs()).toHaveLength(1);
  rmSync(path.join(root, 'node_modules', '.countinghouse-installed'));
  rmSync(path.join(root, 'node_modules', 'zod'), { recursive: true });
  expect(bootstrap().status).toBe(0);
  expect(installs()).toHaveLength(2);
});

test.each([
  [{ NODE_IS: '20.11.0' }, 'node_modules/.bin/node is Node 20.11.0, not Node 24'],
  [{ CHDB_ANSWERS: '' }, 'the embedded ClickHouse (chdb) does not load'],
  [{ NPM_FAILS: '1' }, 'npm ci failed'],
])('says in one line what to do when it ends in %j', (env, message) => {
  const outcome = bootstrap(env);
  expect(outcome.status).toBe(1);
  expect(outcome.lastLine).toContain(`countinghouse: ${message}`);
});
