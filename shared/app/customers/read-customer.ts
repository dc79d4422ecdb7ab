import { TABLES } from '../../contracts/names.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { Page, PageRequest } from '../page.ts';
import {
  type CustomerRecord,
  customerFromItem,
  customerKey,
  customersPartition,
} from '../records/customer.ts';
import { CUSTOMER_NOT_FOUND } from './customer-operations.ts';

/** Error `customer.not_found`. */
export async function readCustomer(input: {
  readonly items: ItemStore;
  readonly tenant: string;
  readonly key: string;
}): Promise<Result<CustomerRecord>> {
  const item = await input.items.get({ table: TABLES.main, key: customerKey(input.tenant, input.key) });
  return item === undefined ? err(CUSTOMER_NOT_FOUND) : ok(customerFromItem(item));
}

/** By key. */
export function listCustomers(deps: {
  readonly items: ItemStore;
}): (request: PageRequest & { readonly tenant: string }) => Promise<Page<CustomerRecord>> {
  return async ({ tenant, ...request }) => {
    const page = await deps.items.query({ table: TABLES.main, pk: customersPartition(tenant), ...request });
    return {
      records: page.items.map(customerFromItem),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  };
}
