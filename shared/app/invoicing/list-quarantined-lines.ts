import { INDEXES, TABLES } from '../../contracts/names.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { queryAll } from '../query-all.ts';
import {
  QUARANTINE_COUNTS_PARTITION,
  type QuarantinedLineRecord,
  type QuarantineRecord,
  quarantineCountFromItem,
  quarantineFromItem,
  quarantineOrder,
  quarantineOwner,
} from '../records/quarantined-lines.ts';
import { readQuarantinedLines } from './quarantine-store.ts';

interface Deps {
  readonly items: ItemStore;
  readonly objects: ObjectStore;
}

export interface ListedQuarantinedLine extends QuarantinedLineRecord {
  /** Keys. */
  readonly subscription: string;
  readonly customer: string;
  readonly position: QuarantinePosition;
}

/** Behind which line a list goes on: where its subscription stands, and where it stands in that. */
export interface QuarantinePosition {
  readonly subscription: string;
  readonly line: string;
}

/**
 * Lines that are on no invoice because they could not be made, at most `limit`: subscriptions by their newest line, of each
 * the newest first. From the index, which may lag.
 */
export function listQuarantinedLines({ items, objects }: Deps) {
  return async (asked: {
    readonly tenant: string;
    readonly limit: number;
    readonly after?: QuarantinePosition;
  }): Promise<readonly ListedQuarantinedLine[]> => {
    const { tenant, limit, after } = asked;
    const found: ListedQuarantinedLine[] = [];
    for await (const record of recordsFrom(items, tenant, limit, after?.subscription)) {
      const order = quarantineOrder(record);
      const lines = (await readQuarantinedLines(objects, record)).map((line) => listed(record, order, line));
      const isBehind = order === after?.subscription;
      const last = isBehind ? lines.findIndex(({ position }) => position.line === after?.line) : -1;
      found.push(...lines.slice(last + 1, last + 1 + limit - found.length));
      if (found.length === limit) break;
    }
    return found;
  };
}

function listed(record: QuarantineRecord, order: string, line: QuarantinedLineRecord): ListedQuarantinedLine {
  const { subscription, customer } = record;
  const name = `${line.startMs}#${line.planVersion}#${line.charge}`;
  return { ...line, subscription, customer, position: { subscription: order, line: name } };
}

async function* recordsFrom(
  items: ItemStore,
  tenant: string,
  limit: number,
  order: string | undefined,
): AsyncGenerator<QuarantineRecord> {
  let startAfter: string | undefined;
  do {
    const page = await items.query({
      table: TABLES.main,
      index: INDEXES.byOwner,
      pk: quarantineOwner(tenant),
      ...(order === undefined ? {} : { sk: { to: order } }),
      descending: true,
      limit,
      ...(startAfter === undefined ? {} : { startAfter }),
    });
    yield* page.items.map(quarantineFromItem);
    startAfter = page.next;
  } while (startAfter !== undefined);
}

/** How many lines of all tenants are quarantined now. */
export async function countQuarantinedLines(items: ItemStore): Promise<number> {
  const counts = await queryAll(items, { table: TABLES.main, pk: QUARANTINE_COUNTS_PARTITION });
  return counts.reduce((sum, item) => sum + quarantineCountFromItem(item), 0);
}
