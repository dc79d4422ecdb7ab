/** One life of one component: what it had under way when it dies is gone, and its calls never answer. */
export interface SimulatedProcess {
  /** Such as `consumer-1`; lives of one component share it. */
  readonly name: string;
  isAlive(): boolean;
  kill(): void;
  /** Answers how to take it back. */
  onDeath(act: () => void): () => void;
  /** How far its clock is ahead of the true time, ms. */
  skewMs(): number;
  setSkewMs(skewMs: number): void;
}

/** What somebody who waits for a dead process gets to know. */
export class BrokenConnection extends Error {
  override readonly name = 'BrokenConnection';
}

export function createProcess(input: { readonly name: string; readonly skewMs: number }): SimulatedProcess {
  const mourners = new Set<() => void>();
  let isAlive = true;
  let { skewMs } = input;
  return {
    name: input.name,
    isAlive: () => isAlive,
    kill: () => {
      if (!isAlive) return;
      isAlive = false;
      for (const act of mourners) act();
      mourners.clear();
    },
    onDeath: (act) => {
      mourners.add(act);
      return () => void mourners.delete(act);
    },
    skewMs: () => skewMs,
    setSkewMs: (next) => {
      skewMs = next;
    },
  };
}

/** Waits for something that a process does; throws BrokenConnection when it dies meanwhile. */
export function whileAlive<T>(process: SimulatedProcess, work: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const die = () => reject(new BrokenConnection(`${process.name} died`));
    if (!process.isAlive()) return die();
    const forget = process.onDeath(die);
    work().then(
      (value) => {
        forget();
        resolve(value);
      },
      (error: unknown) => {
        forget();
        reject(error);
      },
    );
  });
}
