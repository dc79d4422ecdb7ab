import { compareUtf8 } from '../../../domain/metering/group-order.ts';
import type { Item, ItemKey } from '../../../ports/item-store.ts';

/** The items of all tables. An item in here is never changed, only replaced. */
export interface Partitions {
  get(table: string, key: ItemKey): Item | undefined;
  /** Undefined deletes. */
  set(table: string, key: ItemKey, item: Item | undefined): void;
  /** One partition in the order of its sort keys. */
  partition(table: string, pk: string): readonly Item[];
  all(): readonly StoredItem[];
  clone(): Partitions;
}

interface StoredItem {
  readonly table: string;
  readonly item: Item;
}

interface Partition {
  readonly table: string;
  readonly items: Map<string, Item>;
  /** Kept from one read to the next write. */
  sorted: readonly Item[] | null;
}

export function createPartitions(from: readonly StoredItem[] = []): Partitions {
  const partitions = new Map<string, Partition>();
  const addressOf = (table: string, pk: string) => `${table}/${pk}`;
  const all = () =>
    [...partitions.values()].flatMap(({ table, items }) =>
      [...items.values()].map((item) => ({ table, item })),
    );
  const set = (table: string, { pk, sk }: ItemKey, item: Item | undefined) => {
    const address = addressOf(table, pk);
    const partition = partitions.get(address) ?? { table, items: new Map(), sorted: null };
    partition.sorted = null;
    if (item === undefined) partition.items.delete(sk);
    else partition.items.set(sk, item);
    if (partition.items.size === 0) partitions.delete(address);
    else partitions.set(address, partition);
  };
  for (const { table, item } of from) set(table, item, item);
  return {
    get: (table, { pk, sk }) => partitions.get(addressOf(table, pk))?.items.get(sk),
    set,
    partition: (table, pk) => {
      const partition = partitions.get(addressOf(table, pk));
      if (partition === undefined) return [];
      partition.sorted ??= [...partition.items.values()].sort((a, b) => compareUtf8(a.sk, b.sk));
      return partition.sorted;
    },
    all,
    clone: () => createPartitions(all()),
  };
}
