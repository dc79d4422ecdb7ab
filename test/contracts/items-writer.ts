import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { openSqliteItems } from '../../shared/adapters/embedded/sqlite-items.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';

/** Loops of the writer that go on side by side, each with items of its own. */
export const WRITERS = 8;

/** What a loop had acknowledged: transactions `n`, each of an item, its twin and a counter. */
export interface Acknowledged {
  readonly writer: number;
  readonly n: number;
}

/** A process that writes to the store at `path` until it is killed, after so many acknowledgements; answers those it was told of. */
export async function writeUntilKilled(input: {
  /** What it runs, when not the writer of this file: says "<writer> <n>" of each write. */
  readonly program?: string;
  readonly path: string;
  readonly round: number;
  readonly acknowledgements: number;
}): Promise<readonly Acknowledged[]> {
  const args = [input.program ?? import.meta.filename, input.path, String(input.round)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('exit', (_code, signal) => resolve(signal));
  });
  const told: Acknowledged[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [writer = Number.NaN, n = Number.NaN] = line.split(' ').map(Number);
    told.push({ writer, n });
    // What stands in the pipe by now was acknowledged, too, and is read until the end.
    if (told.length === input.acknowledgements) child.kill('SIGKILL');
  }
  const signal = await exited;
  if (signal !== 'SIGKILL') throw new Error(`the writer ended by itself: ${signal}`);
  return told;
}

export const partitionOf = (round: number, writer: number) => `round-${round}#${writer}`;

async function writeForEver(items: ItemStore, pk: string, writer: number): Promise<never> {
  for (let n = 1; ; n += 1) {
    const sk = String(n).padStart(6, '0');
    const done = await items.transact([
      { op: 'put', table: 'main', item: { pk, sk, n }, condition: { kind: 'item_absent' } },
      { op: 'put', table: 'claims', item: { pk, sk, n } },
      { op: 'update', table: 'main', key: { pk, sk: 'count' }, changes: { add: { count: 1 } } },
    ]);
    if (!done.ok) throw new Error('a write was refused');
    process.stdout.write(`${writer} ${n}\n`);
  }
}

if (process.argv[1] === import.meta.filename) {
  const { items } = openSqliteItems({ path: process.argv[2] ?? '', clock: createSystemClock() });
  const round = Number(process.argv[3]);
  const writers = Array.from({ length: WRITERS }, (_, writer) => writer);
  await Promise.all(writers.map((writer) => writeForEver(items, partitionOf(round, writer), writer)));
}
