import { TABLES } from '../../contracts/names.ts';
import type { AppError } from '../../kernel/errors.ts';
import { appError } from '../../kernel/errors.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import type { Refusals } from '../commit.ts';
import { fieldIssuesError } from '../field-issues.ts';
import { type CustomerRecord, customerToItem } from '../records/customer.ts';
import { referenceFromItem, referenceKey, referenceToItem } from '../records/customer-reference.ts';

/** What events may call the customer, each once: its key first. */
export function referencesOf(customer: Pick<CustomerRecord, 'key' | 'subjects'>): readonly string[] {
  return [...new Set([customer.key, ...customer.subjects])];
}

/** Takes a name for the customer; fails where another one, or an archived one, has it. */
export function takeReference(
  tenant: string,
  customer: CustomerRecord,
  reference: string,
): TransactionOperation {
  const record = { reference, customer: customer.key, archived: false, revision: customer.revision };
  const item = referenceToItem(tenant, record);
  return { op: 'put', table: TABLES.main, item, condition: { kind: 'item_absent' } };
}

export function releaseReference(
  tenant: string,
  customer: CustomerRecord,
  reference: string,
): TransactionOperation {
  const condition = { kind: 'equal', name: 'customer', value: customer.key } as const;
  return { op: 'delete', table: TABLES.main, key: referenceKey(tenant, reference), condition };
}

/** Keeps the name taken, so that nobody else's events become this customer's. */
export function archiveReference(
  tenant: string,
  customer: CustomerRecord,
  reference: string,
): TransactionOperation {
  const record = { reference, customer: customer.key, archived: true, revision: customer.revision };
  const condition = { kind: 'equal', name: 'customer', value: customer.key } as const;
  return { op: 'put', table: TABLES.main, item: referenceToItem(tenant, record), condition };
}

/** Writes the customer over the version that was read. */
export function replaceCustomer(
  tenant: string,
  next: CustomerRecord,
  readEtag: number,
): TransactionOperation {
  const condition = { kind: 'equal', name: 'etag', value: readEtag } as const;
  return { op: 'put', table: TABLES.main, item: customerToItem(tenant, next), condition };
}

/**
 * `customer.subject_taken` with the fields whose names others have; null when no name was at fault. `taken` are the
 * names that the first operations after `offset` wanted.
 */
export function takenError(input: {
  readonly refusals: Refusals;
  readonly offset: number;
  readonly taken: readonly string[];
  readonly customer: Pick<CustomerRecord, 'key' | 'subjects'>;
}): AppError | null {
  const issues = input.taken.flatMap((reference, index) => {
    const refusal = input.refusals[input.offset + index];
    if (refusal === null || refusal === undefined) return [];
    const owner =
      refusal.existing === undefined ? 'another customer' : referenceFromItem(refusal.existing).customer;
    const position = input.customer.subjects.indexOf(reference);
    const path = reference === input.customer.key ? 'key' : `subjects[${position}]`;
    return [{ path, code: 'customer.subject_taken' as const, message: `is a name of ${owner}` }];
  });
  return issues.length === 0 ? null : fieldIssuesError(issues);
}

export const CUSTOMER_NOT_FOUND = appError('customer.not_found');
