import { basename, dirname } from 'node:path';
import type { Files } from '../../shared/adapters/embedded/files.ts';

interface ModelFile {
  body: Uint8Array;
  isSynced: boolean;
}
interface ModelFolder {
  /** What the operating system shows. */
  readonly names: Map<string, ModelNode>;
  /** What the disk holds for certain. */
  durable: ReadonlyMap<string, ModelNode>;
}
type ModelNode = ModelFile | ModelFolder;

const isFolder = (node: ModelNode | undefined): node is ModelFolder => node !== undefined && 'names' in node;

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

export interface ModelDisk {
  /** The disk as one process sees it. `step` comes before and after each effect; one that never resolves ends it. */
  files(step: () => Promise<unknown>): Files;
  /** Every name that was not synced may be lost or kept, and every file that was not synced may be cut. */
  losePower(decide: () => boolean): void;
}

function createTree() {
  const root: ModelFolder = { names: new Map(), durable: new Map() };

  function find(path: string): ModelNode | undefined {
    let node: ModelNode | undefined = root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      node = isFolder(node) ? node.names.get(name) : undefined;
    }
    return node;
  }
  function folderAt(path: string): ModelFolder {
    const node = find(path);
    if (!isFolder(node)) throw failure('ENOENT');
    return node;
  }
  function nodeAt(path: string): ModelNode {
    const node = find(path);
    if (node === undefined) throw failure('ENOENT');
    return node;
  }
  function makeFolder(path: string): void {
    if (find(path) !== undefined) return;
    if (find(dirname(path)) === undefined) makeFolder(dirname(path));
    folderAt(dirname(path)).names.set(basename(path), { names: new Map(), durable: new Map() });
  }
  function sync(path: string): void {
    const folder = folderAt(path);
    folder.durable = new Map(folder.names);
  }
  function link(from: string, to: string): void {
    const node = nodeAt(from);
    const { names } = folderAt(dirname(to));
    if (names.has(basename(to))) throw failure('EEXIST');
    names.set(basename(to), node);
  }
  function rename(from: string, to: string): void {
    const node = nodeAt(from);
    folderAt(dirname(to)).names.set(basename(to), node);
    folderAt(dirname(from)).names.delete(basename(from));
  }
  function remove(path: string): void {
    nodeAt(path);
    folderAt(dirname(path)).names.delete(basename(path));
  }
  function read(path: string): Uint8Array {
    const node = nodeAt(path);
    if (isFolder(node)) throw failure('EISDIR');
    return new Uint8Array(node.body);
  }

  return { root, folderAt, makeFolder, sync, link, rename, remove, read };
}

/** A file system that keeps only what was synced: as little as POSIX promises. */
export function createModelDisk(): ModelDisk {
  const { root, folderAt, makeFolder, sync, link, rename, remove, read } = createTree();
  return {
    files: (step) => {
      const effect = async <T>(work: () => T): Promise<T> => {
        await step();
        const answer = work();
        await step();
        return answer;
      };
      return {
        create: async (path, body) => {
          const file: ModelFile = { body: new Uint8Array(body), isSynced: false };
          await effect(() => folderAt(dirname(path)).names.set(basename(path), file));
          await effect(() => {
            file.isSynced = true;
          });
        },
        makeDurableFolder: async (path) => {
          makeFolder(path);
          for (let at = path; at !== '/'; at = dirname(at)) sync(dirname(at));
        },
        makeFolder: (path) => effect(() => makeFolder(path)),
        syncFolder: (path) => effect(() => sync(path)),
        link: (from, to) => effect(() => link(from, to)),
        rename: (from, to) => effect(() => rename(from, to)),
        remove: (path) => effect(() => remove(path)),
        read: (path) => effect(() => read(path)),
        readRange: (path, { start, end }) =>
          effect(() => ({ bytes: read(path).slice(start, end), size: read(path).byteLength })),
        names: (path) => effect(() => [...folderAt(path).names.keys()]),
      };
    },
    losePower: (decide) => lose(root, decide),
  };
}

function lose(node: ModelNode, decide: () => boolean): void {
  if (!isFolder(node)) {
    if (!node.isSynced && decide()) node.body = node.body.subarray(0, node.body.length / 2);
    return;
  }
  for (const name of new Set([...node.names.keys(), ...node.durable.keys()])) {
    if (!decide()) continue;
    const kept = node.durable.get(name);
    if (kept === undefined) node.names.delete(name);
    else node.names.set(name, kept);
  }
  node.durable = new Map(node.names);
  for (const child of node.names.values()) lose(child, decide);
}
