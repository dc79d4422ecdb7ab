import { createHash } from 'node:crypto';

/** What happened, step by step: two runs of one seed have the same hash, or something escaped the scheduler. */
export interface Trace {
  add(line: TraceLine): void;
  steps(): number;
  hash(): string;
  /** The last lines, oldest first. */
  last(): readonly string[];
}

export interface TraceLine {
  readonly timeMs: number;
  readonly actor: string;
  readonly port: string;
  readonly method: string;
  /** The fault that struck, or what became of the call. */
  readonly fault: string;
}

export function createTrace(options: {
  readonly kept: number;
  readonly print?: (line: string) => void;
}): Trace {
  const digest = createHash('sha256');
  const ring: string[] = [];
  let steps = 0;
  return {
    add: ({ timeMs, actor, port, method, fault }) => {
      const line = `${timeMs} ${actor} ${port}.${method} ${fault}`;
      digest.update(`${line}\n`);
      ring[steps % options.kept] = line;
      steps += 1;
      options.print?.(line);
    },
    steps: () => steps,
    hash: () => digest.copy().digest('hex').slice(0, 16),
    last: () => {
      const start = steps % options.kept;
      return steps <= options.kept ? [...ring] : [...ring.slice(start), ...ring.slice(0, start)];
    },
  };
}
