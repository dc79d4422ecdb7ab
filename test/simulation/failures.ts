import { StoreError } from '../../shared/ports/store-error.ts';
import type { SimulatedProcess } from './processes/process.ts';

/** What the product threw or logged that no outage of a store explains. */
export interface Failures {
  note(process: Pick<SimulatedProcess, 'name'>, what: string, thrown: unknown): void;
  /** One text each: who, what, why. */
  list(): readonly string[];
}

/**
 * What is expected of code under fire: stores that cannot answer, work that another executor took over, an execution
 * that ran out of its tries. Everything else is a broken invariant and fails the run.
 */
const EXPECTED: readonly RegExp[] = [
  /^ChunkLostError:/,
  /the time of this execution is over/,
  /no try gave a known outcome/,
  /rows of [\w-]+ are refused/,
  /the outcome of a write is unknown/,
];

export function createFailures(): Failures {
  const found = new Map<string, string>();
  return {
    note: (process, what, thrown) => {
      if (isOutage(thrown)) return;
      const text = textOf(thrown);
      if (EXPECTED.some((pattern) => pattern.test(text))) return;
      if (!found.has(text)) found.set(text, `${process.name}: ${what}: ${text}`);
    },
    list: () => [...found.values()],
  };
}

function isOutage(thrown: unknown): boolean {
  for (let cause = thrown; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof StoreError) return true;
  }
  return false;
}

function textOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const [, at = ''] = (thrown.stack ?? '').split('\n    at ');
  return `${thrown.name}: ${thrown.message} (${at.trim()})`;
}
