import { type EmbeddedItems, openSqliteItems } from '../../shared/adapters/embedded/sqlite-items.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import type { TransactionOperation } from '../../shared/ports/item-store.ts';
import { partitionOf, WRITERS } from './items-writer.ts';

const ITEMS = 5;

/** Write `n` of a loop: what it leaves behind carries `n`, beside a mark in `main` of the same transaction. */
function operationsOf(pk: string, n: number): readonly TransactionOperation[] {
  const key = { pk, sk: `item-${n % ITEMS}` };
  const mark = { op: 'put', table: 'main', item: { pk, sk: 'last', n } } as const;
  const kinds: readonly TransactionOperation[] = [
    { op: 'put', table: 'outbox', item: { ...key, n, text: 'x'.repeat(n % 3_000) } },
    { op: 'update', table: 'outbox', key, changes: { set: { n }, add: { count: 1 } } },
    // Expired at once, so that the sweep takes it at any moment.
    { op: 'put', table: 'outbox', item: { ...key, n, ttl: 1 } },
    { op: 'delete', table: 'outbox', key },
  ];
  const kind = kinds[(n * 7) % kinds.length];
  const next = { op: 'put', table: 'outbox', item: { pk, sk: 'each', n } } as const;
  return kind === undefined ? [mark, next] : [mark, next, kind];
}

async function writeForEver({ items }: EmbeddedItems, pk: string, writer: number): Promise<never> {
  for (let n = 1; ; n += 1) {
    const done = await items.transact(operationsOf(pk, n));
    if (!done.ok) throw new Error('a write was refused');
    process.stdout.write(`${writer} ${n}\n`);
  }
}

async function sweepForEver({ deleteExpired }: EmbeddedItems): Promise<never> {
  for (;;) await deleteExpired(2, 3);
}

/** Several loops write, beside a sweep, until they are killed; each says a write's number once it is acknowledged. */
const [path = '', round = ''] = process.argv.slice(2);
const store = openSqliteItems({ path, clock: createSystemClock() });
const writers = Array.from({ length: WRITERS }, (_, writer) => writer);
await Promise.all([
  sweepForEver(store),
  ...writers.map((writer) => writeForEver(store, partitionOf(Number(round), writer), writer)),
]);
