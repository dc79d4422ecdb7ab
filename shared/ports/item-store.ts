import type { Result } from '../kernel/result.ts';

/**
 * What an attribute may hold. Integers have up to 38 digits: written as `number` or `bigint`, read back as
 * `number` when safe and as `bigint` otherwise. There are no fractions: decimals are strings.
 */
export type ItemValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | readonly ItemValue[]
  | { readonly [name: string]: ItemValue };

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** `ttl` (epoch seconds) marks an item that may be deleted after that time, days late; until then it counts. */
export type Item = ItemKey & { readonly [name: string]: ItemValue };

/** A condition on the item stored under the same key, checked at the moment of the write. */
export type Condition =
  | { readonly kind: 'item_absent' }
  | { readonly kind: 'item_present' }
  | { readonly kind: 'attribute_absent'; readonly name: string }
  | {
      readonly kind: 'equal' | 'not_equal' | 'less' | 'less_or_equal' | 'greater' | 'greater_or_equal';
      readonly name: string;
      readonly value: string | number | bigint | boolean;
    }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] };

/** Top-level attributes only. `add` creates a missing number at 0 first. */
export interface AttributeChanges {
  readonly set?: { readonly [name: string]: ItemValue };
  readonly add?: { readonly [name: string]: number | bigint };
  readonly remove?: readonly string[];
}

/** The write did not happen; `existing` is the item that stood in the way, if there was one. */
export interface ConditionFailed {
  readonly kind: 'condition_failed';
  readonly existing?: Item;
}

interface InTable {
  readonly table: string;
}
export interface PutInput extends InTable {
  readonly item: Item;
  readonly condition?: Condition;
}
export interface UpdateInput extends InTable {
  readonly key: ItemKey;
  readonly changes: AttributeChanges;
  readonly condition?: Condition;
}
export interface DeleteInput extends InTable {
  readonly key: ItemKey;
  readonly condition?: Condition;
}
export interface CheckInput extends InTable {
  readonly key: ItemKey;
  readonly condition: Condition;
}

export type TransactionOperation =
  | ({ readonly op: 'put' } & PutInput)
  | ({ readonly op: 'update' } & UpdateInput)
  | ({ readonly op: 'delete' } & DeleteInput)
  | ({ readonly op: 'check' } & CheckInput);

/** Nothing of the transaction happened. One entry an operation, null where that operation was not at fault. */
export interface TransactionCancelled {
  readonly kind: 'transaction_cancelled';
  readonly reasons: readonly (ConditionFailed | null)[];
}

export type SortKeyRange = { readonly prefix: string } | { readonly from?: string; readonly to?: string }; // both inclusive

export interface QueryInput extends InTable {
  /** Without an index: strongly consistent. With one: answers may lag behind the table. */
  readonly index?: string;
  readonly pk: string;
  readonly sk?: SortKeyRange;
  readonly descending?: boolean;
  /** 1 to LIMITS.queryItems. */
  readonly limit: number;
  readonly startAfter?: string;
}

export interface QueryPage {
  readonly items: readonly Item[];
  /** Opaque; pass it as `startAfter` to go on. Absent at the end. */
  readonly next?: string;
}

/**
 * Small items under (pk, sk) with conditional writes: DynamoDB's model. Every method resolves only after what it
 * saw or wrote is durable. Throws StoreError when it could not answer: the outcome of a write is then unknown.
 * The one index `byOwner` has the attributes `ownerPk` and `ownerSk` as its key and holds whole items.
 */
export interface ItemStore {
  get(input: InTable & { readonly key: ItemKey }): Promise<Item | undefined>;
  /** At most LIMITS.batchGetKeys keys; absent items are left out; order is not kept. */
  getMany(input: InTable & { readonly keys: readonly ItemKey[] }): Promise<readonly Item[]>;
  query(input: QueryInput): Promise<QueryPage>;
  put(input: PutInput): Promise<Result<void, ConditionFailed>>;
  /** Creates the item when absent (unless the condition forbids it) and answers the item as it is now. */
  update(input: UpdateInput): Promise<Result<Item, ConditionFailed>>;
  delete(input: DeleteInput): Promise<Result<void, ConditionFailed>>;
  /** All or nothing: at most LIMITS.transactionItems operations, one an item, 4 MB. */
  transact(operations: readonly TransactionOperation[]): Promise<Result<void, TransactionCancelled>>;
}
