import { z } from 'zod';
import { TABLES } from '../../contracts/names.ts';
import type { Item, ItemKey, TransactionOperation } from '../../ports/item-store.ts';

/**
 * The catalogue revision of a tenant: raised by one in the same transaction as every change of a meter or of what
 * a customer is known by. No item: revision 0.
 */
export function catalogueKey(tenant: string): ItemKey {
  return { pk: `tenant#${tenant}`, sk: 'catalogue' };
}

const catalogueItem = z.object({ revision: z.int().nonnegative() });

export function revisionFromItem(item: Item | undefined): number {
  return item === undefined ? 0 : catalogueItem.parse(item).revision;
}

/** Raises the revision from `read` to `read + 1`, or fails the transaction when somebody else did. */
export function raiseRevision(input: {
  readonly tenant: string;
  readonly read: number;
}): TransactionOperation {
  return {
    op: 'update',
    table: TABLES.main,
    key: catalogueKey(input.tenant),
    changes: { set: { revision: input.read + 1 } },
    condition:
      input.read === 0
        ? { kind: 'attribute_absent', name: 'revision' }
        : { kind: 'equal', name: 'revision', value: input.read },
  };
}
