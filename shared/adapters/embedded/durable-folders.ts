import { dirname } from 'node:path';
import { codeOf, type Files } from './files.ts';

/** Folders known to be on the disk; beyond, all are forgotten and looked at again. */
const KNOWN_MAX = 10_000;

export interface DurableFolders {
  /** Makes a folder and those above it; all of them, and what they held before, are on the disk when this resolves. */
  make(folder: string): Promise<void>;
  /** Whether the folder is there; what an earlier process left in it is on the disk when this resolves. */
  isThere(folder: string): Promise<boolean>;
}

/**
 * The folders below `root`, which is there and durable itself. Names that an earlier process made may be known to the
 * operating system alone, if that process was killed before it made them durable: so each folder is synced once
 * before anything in it is trusted.
 */
export function createDurableFolders(deps: { readonly files: Files; readonly root: string }): DurableFolders {
  const { files, root } = deps;
  const known = new Map<string, Promise<void>>();

  function know(folder: string, settled: Promise<void>): Promise<void> {
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(folder, settled);
    return settled;
  }

  async function makeNew(folder: string): Promise<void> {
    const parent = dirname(folder);
    await make(parent);
    await files.makeFolder(folder);
    await files.syncFolder(parent);
    await files.syncFolder(folder);
  }

  async function make(folder: string): Promise<void> {
    const settled =
      known.get(folder) ?? know(folder, folder === root ? files.syncFolder(root) : makeNew(folder));
    try {
      await settled;
    } catch (thrown) {
      if (known.get(folder) === settled) known.delete(folder);
      throw thrown;
    }
  }

  async function isThere(folder: string): Promise<boolean> {
    if (known.has(folder)) {
      await make(folder);
      return true;
    }
    // Those above it are durable if there is anything in it: they were synced before.
    try {
      await files.syncFolder(folder);
    } catch (thrown) {
      if (codeOf(thrown) === 'ENOENT') return false;
      throw thrown;
    }
    if (!known.has(folder)) await know(folder, Promise.resolve());
    return true;
  }

  return { make, isThere };
}
