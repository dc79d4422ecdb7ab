/** Works on one key follow one another; works on different keys do not wait. */
export interface Turns {
  take<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Resolves when the works on the key that were asked for so far have ended, well or not. */
  ended(key: string): Promise<void>;
  allEnded(): Promise<void>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  return {
    take: (key, work) => {
      const mine = (last.get(key) ?? Promise.resolve()).then(work);
      const end = () => {
        if (last.get(key) === ended) last.delete(key);
      };
      const ended = mine.then(end, end);
      last.set(key, ended);
      return mine;
    },
    ended: async (key) => {
      await last.get(key);
    },
    allEnded: async () => {
      await Promise.all(last.values());
    },
  };
}
