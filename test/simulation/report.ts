import { countsTable, createFaultCounts, type FaultCounts, missingStrikes } from './faults/counts.ts';
import { STRIKES_MIN } from './faults/kinds.ts';
import type { SeedResult } from './run-seed.ts';

/** Events that a run must have before it is held against it that a fault struck too rarely. */
const EVENTS_FOR_COVERAGE = 4_000;
const LINES_SHOWN = 40;

export interface Summary {
  readonly passed: number;
  readonly failed: number;
}

/** Keeps the sum of all seeds; each text goes to `print` as soon as it is known. */
export function createReport(print: (text: string) => void): {
  add(result: SeedResult): void;
  end(): Summary;
} {
  const counts: FaultCounts = createFaultCounts();
  const checks = new Map<string, number>();
  let events = 0;
  let passed = 0;
  let failed = 0;
  return {
    add: (result) => {
      counts.add(result.counts);
      for (const [what, times] of result.checks) checks.set(what, (checks.get(what) ?? 0) + times);
      events += result.events;
      if (result.broken === null) passed += 1;
      else failed += 1;
      print(lineOf(result));
      if (result.broken !== null) print(failureOf(result));
    },
    end: () => {
      print(`\nfaults injected\n${countsTable(counts).join('\n')}`);
      print(
        `\nlooked at\n${[...checks].map(([what, times]) => `${String(times).padStart(9)} ${what}`).join('\n')}\n`,
      );
      const missing = missingStrikes(counts);
      const isLong = events >= EVENTS_FOR_COVERAGE;
      if (missing.length > 0) {
        const verdict = isLong
          ? 'FAILED'
          : `not held against a run of fewer than ${EVENTS_FOR_COVERAGE} events`;
        print(`struck fewer than ${STRIKES_MIN} times (${verdict}): ${missing.join(', ')}`);
      }
      const isCovered = missing.length === 0;
      return {
        passed: passed + (isLong && isCovered ? 1 : 0),
        failed: failed + (isLong && !isCovered ? 1 : 0),
      };
    },
  };
}

function lineOf({ seed, layout, hash, events, steps, virtualMs, broken }: SeedResult): string {
  const minutes = Math.round(virtualMs / 60_000);
  const outcome = broken === null ? 'all promises held' : `BROKE ${broken.promise}`;
  return `seed ${seed}  ${layout}  trace ${hash}  ${events} events  ${steps} steps  ${minutes} min  ${outcome}`;
}

function failureOf({ seed, broken, lastLines }: SeedResult): string {
  const lines = lastLines.slice(-LINES_SHOWN).map((line) => `    ${line}`);
  return [
    `  broken promise ${broken?.promise} at seed ${seed}: ${broken?.detail}`,
    `  the last of what happened (all of it with --trace):`,
    ...lines,
  ].join('\n');
}
