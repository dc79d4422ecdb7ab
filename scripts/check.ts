import { spawn } from 'node:child_process';
import path from 'node:path';

interface Check {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
}

interface Outcome {
  readonly check: Check;
  readonly hasPassed: boolean;
  readonly output: string;
  readonly tookMs: number;
}

const root = path.join(import.meta.dirname, '..');
const CHECKS: readonly Check[] = [
  {
    name: 'types (tsc)',
    script: 'node_modules/typescript/bin/tsc',
    args: ['-p', '.', '--noEmit'],
  },
  {
    name: 'format and lint (biome)',
    script: 'node_modules/@biomejs/biome/bin/biome',
    args: ['check', '.'],
  },
  { name: 'imports (dependency-cruiser)', script: 'scripts/check-imports.ts', args: [] },
  {
    name: 'unused code (knip)',
    script: 'node_modules/knip/bin/knip.js',
    args: ['--treat-config-hints-as-errors'],
  },
];

function run(check: Check): Promise<Outcome> {
  const startedMs = Date.now();
  const child = spawn(process.execPath, [check.script, ...check.args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const output = Buffer.concat(chunks).toString('utf8').trim();
      resolve({ check, hasPassed: code === 0, output, tookMs: Date.now() - startedMs });
    });
  });
}

/** Runs all checks, also after one has failed; prints what the failed ones said. */
async function main(): Promise<void> {
  const outcomes = await Promise.all(CHECKS.map(run));
  for (const { check, hasPassed, output, tookMs } of outcomes) {
    const seconds = (tookMs / 1000).toFixed(1);
    console.log(`${hasPassed ? 'ok    ' : 'FAILED'} ${check.name} ${seconds} s`);
    if (!hasPassed) console.log(`\n${output}\n`);
  }
  const passed = outcomes.filter(({ hasPassed }) => hasPassed).length;
  console.log(`${passed} of ${outcomes.length} checks passed`);
  if (passed < outcomes.length) process.exitCode = 1;
}

await main();
