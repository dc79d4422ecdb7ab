#!/usr/bin/env node
/**
 * Plain JavaScript, because it must run on the Node (>= 20) that the machine has: on an older one than 24 it starts
 * the Node 24 of this installation instead.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = path.join(root, 'bin', 'countinghouse.ts');
const node24 = path.join(root, 'node_modules', '.bin', 'node');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function startNode24() {
  const child = spawn(node24, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; other senders only to this process. The child decides when both end.
  const forward = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, forward);
  child.once('error', (error) => fail(`node_modules/.bin/node does not run: ${error.message}`));
  child.once('exit', (code, signal) => {
    for (const name of SIGNALS) process.removeListener(name, forward);
    if (signal === null) process.exitCode = code ?? 1;
    else process.kill(process.pid, signal);
  });
}

function fail(message) {
  process.stderr.write(`error: ${message} (cli.usage)\n`);
  process.exitCode = 2;
}

if (!existsSync(path.join(root, 'node_modules', 'commander'))) {
  fail('the packages are not installed: run npm ci in the folder of countinghouse');
} else if (Number.parseInt(process.versions.node, 10) >= 24) {
  await import('./countinghouse.ts');
} else if (existsSync(node24)) {
  startNode24();
} else {
  fail(
    `this is Node ${process.versions.node} and countinghouse needs 24: run npm ci, which installs it here`,
  );
}
