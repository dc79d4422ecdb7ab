/** Syncs of folders, shared by all who wait for one. */
export interface SharedSyncs {
  /** Resolves after a sync of the folder that began after this call; rejects as it does. */
  sync(folder: string): Promise<void>;
}

/** Files that are written at the same time into one folder need no sync each: one that begins after all of them is enough. */
export function createSharedSyncs(syncFolder: (folder: string) => Promise<void>): SharedSyncs {
  const running = new Map<string, Promise<void>>();
  /** Not begun yet: whoever comes now is covered by it. */
  const waiting = new Map<string, Promise<void>>();

  async function begin(folder: string): Promise<void> {
    waiting.delete(folder);
    const sync = syncFolder(folder);
    running.set(folder, sync);
    try {
      await sync;
    } finally {
      if (running.get(folder) === sync) running.delete(folder);
    }
  }

  return {
    sync: (folder) => {
      const known = waiting.get(folder);
      if (known !== undefined) return known;
      const before = running.get(folder) ?? Promise.resolve();
      const next = before.then(
        () => begin(folder),
        () => begin(folder),
      );
      waiting.set(folder, next);
      return next;
    },
  };
}
