/** Promises that a run can break, by their numbers in DESIGN section 1; `own`: an invariant of the product's own code. */
export type PromiseName = 'P1' | 'P2' | 'P3' | 'P7' | 'P9' | 'P10' | 'P11' | 'own';

export interface BrokenPromise {
  readonly promise: PromiseName;
  /** What was seen, and what should have been. */
  readonly detail: string;
}

/** Where a run keeps what it found; the first find ends it. */
export interface Verdict {
  broken(promise: PromiseName, detail: string): void;
  /** Counts something that was looked at and was right, so that a run cannot pass by looking at nothing. */
  checked(what: string, times?: number): void;
  first(): BrokenPromise | null;
  checks(): ReadonlyMap<string, number>;
}

export function createVerdict(): Verdict {
  const checks = new Map<string, number>();
  let first: BrokenPromise | null = null;
  return {
    broken: (promise, detail) => {
      first ??= { promise, detail };
    },
    checked: (what, times = 1) => void checks.set(what, (checks.get(what) ?? 0) + times),
    first: () => first,
    checks: () => checks,
  };
}
