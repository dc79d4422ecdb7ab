import type { Random } from '../random.ts';
import type { FaultCounts } from './counts.ts';
import type { FaultKind, PortName } from './kinds.ts';

/** Decides which call a fault strikes, and which one. */
export interface Injector {
  /**
   * A fault among those that a method can have; null: the call goes well. Counted when answered. `weight`: how much more
   * often a method is struck than others of its port.
   */
  choose(port: PortName, possible: readonly FaultKind[], weight?: number): FaultKind | null;
  count(port: PortName, kind: FaultKind): void;
  /** No fault from now on: what is to be seen is whether the system finds its way back. */
  stop(): void;
}

/** Calls of rare ports are struck more often, so that each fault meets each of them. */
const WEIGHTS: Readonly<Record<PortName, number>> = {
  items: 0.4,
  objects: 11,
  stream_put: 8,
  stream_read: 9,
  analytics_insert: 9,
  analytics_check: 5,
  analytics_read: 2,
  clock: 0.3,
  delivery: 2.5,
  http: 2,
};
/** A dead process costs all that it had under way: rarer than the other faults, in proportion. */
const CRASH_SHARE = 0.4;
/** However rare a method is: most of its calls go well. */
const FAULTY_MAX = 0.3;

export function createInjector(deps: {
  readonly random: Random;
  readonly counts: FaultCounts;
  /** Share of the calls that are struck where the weight is 1. */
  readonly rate: number;
}): Injector {
  const { random, counts } = deps;
  let { rate } = deps;
  return {
    choose: (port, possible, weight = 1) => {
      if (!random.chance(Math.min(FAULTY_MAX, rate * WEIGHTS[port] * weight))) return null;
      if (possible.length === 0) return null;
      const kind = random.chance(0.5)
        ? rarest(random.shuffle(possible), (each) => counts.of(port, each))
        : random.pick(possible);
      if (kind.startsWith('crash') && !random.chance(CRASH_SHARE)) return null;
      counts.count(port, kind);
      return kind;
    },
    count: (port, kind) => {
      if (rate > 0) counts.count(port, kind);
    },
    stop: () => {
      rate = 0;
    },
  };
}

function rarest(kinds: readonly FaultKind[], countOf: (kind: FaultKind) => number): FaultKind {
  return kinds.reduce((rare, kind) => (countOf(kind) < countOf(rare) ? kind : rare));
}
