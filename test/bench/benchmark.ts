import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Session } from 'chdb';
import type { JsonValue } from '../../shared/kernel/canonical-json.ts';

/** A measurement: says what it does as it goes, answers its raw result. Throws where what it measured is wrong. */
export type Benchmark = (say: (text: string) => void) => Promise<Readonly<Record<string, JsonValue>>>;

const GIB = 2 ** 30;

/** What the figures were made on, without names of machines or people. */
export function describeMachine(): Readonly<Record<string, JsonValue>> {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / GIB),
    platform: `${process.platform}-${process.arch}`,
    node: process.versions.node,
    sqlite: process.versions.sqlite ?? 'unknown',
    clickhouse: clickhouseVersion(),
    commit: commitOf(),
  };
}

function clickhouseVersion(): string {
  const session = new Session();
  try {
    return session.query('SELECT version()', 'TabSeparated').trim();
  } finally {
    session.cleanup();
  }
}

function commitOf(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

/** How long `work` took, ms. */
export async function timed(work: () => Promise<unknown> | unknown): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

export function perMinute(count: number, tookMs: number): number {
  return Math.round((count / tookMs) * 60_000);
}

export function median(values: readonly number[]): number {
  const ascending = values.toSorted((left, right) => left - right);
  return ascending[Math.floor(ascending.length / 2)] ?? 0;
}

const IDLE_PART = 0.05;
const LOOK_MS = 500;
const LOOKS_MAX = 60;

/** Resolves once this process has done next to nothing for a moment. */
export async function untilIdle(): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const before = process.cpuUsage();
    await pause(LOOK_MS);
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1_000 < LOOK_MS * IDLE_PART) return;
  }
}
