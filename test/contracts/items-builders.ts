import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { TABLES } from '../../shared/contracts/names.ts';
import type {
  Condition,
  Item,
  ItemKey,
  ItemStore,
  ItemValue,
  QueryInput,
} from '../../shared/ports/item-store.ts';

export interface ItemsUnderTest {
  /** One store for all tests of a file: each takes keys of its own. */
  readonly items: () => ItemStore;
  /** Runs of each property. */
  readonly runs: number;
}

export const MAIN = TABLES.main;
export const LARGEST = 10n ** 38n - 1n;

/** A partition key that no other test has, in this run or an earlier one. */
export const uniquePk = (name = 'contract') => `${name}#${randomUUID()}`;
export const uniqueKey = () => ({ pk: uniquePk(), sk: 'item' });

export async function put(items: ItemStore, item: Item): Promise<void> {
  const done = await items.put({ table: MAIN, item });
  if (!done.ok) throw new Error('a put without a condition was refused');
}

export async function get(items: ItemStore, key: ItemKey): Promise<Item | undefined> {
  return await items.get({ table: MAIN, key });
}

const PAGES_MAX = 1_000;

/** All pages of a query, to the end. */
export async function pagesOf(
  items: ItemStore,
  input: Omit<QueryInput, 'startAfter' | 'table'>,
): Promise<readonly (readonly Item[])[]> {
  const pages: (readonly Item[])[] = [];
  let next: string | undefined;
  do {
    const page = await items.query({
      table: MAIN,
      ...input,
      ...(next === undefined ? {} : { startAfter: next }),
    });
    pages.push(page.items);
    next = page.next;
    if (pages.length > PAGES_MAX) throw new Error('a query does not come to its end');
  } while (next !== undefined);
  return pages;
}

export const skOf = ({ sk }: Item) => sk;

/** Whether the condition lets a put happen that changes nothing else. */
export async function isMet(items: ItemStore, key: ItemKey, condition: Condition): Promise<boolean> {
  const done = await items.transact([{ op: 'check', table: MAIN, key, condition }]);
  return done.ok;
}

export function byUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** As an integer comes back: `number` where that is exact. */
export function integerRead(value: bigint): number | bigint {
  const isSafe = value >= -(2n ** 53n - 1n) && value <= 2n ** 53n - 1n;
  return isSafe ? Number(value) : value;
}

/** Texts that differ where stores go wrong: case, normal forms, lengths, end of the BMP, surrogate pairs, NUL. */
export const trickyText = fc
  .array(
    fc.constantFrom(
      ...['a', 'A', 'b', 'B', '0', ' ', '#', '\u0000', '\u007f', '"', '\\', '%', '_', '$n', '$b', '$m'],
      ...['é', 'e\u0301', 'ß', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}'],
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''));

export const anyInteger = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map(BigInt),
  fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
  fc.bigInt({ min: -LARGEST, max: LARGEST }),
  fc.constantFrom(LARGEST, -LARGEST),
);

const scalar: fc.Arbitrary<ItemValue> = fc.oneof(
  anyInteger.map(integerRead),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
  trickyText,
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 8 }),
);
const name = fc.oneof(
  trickyText.filter((text) => !/\p{Cc}/u.test(text)),
  fc.constantFrom('constructor', 'toJSON', 'length', 'hasOwnProperty'),
);

/** Values as they are read back. */
export const anyValue: fc.Arbitrary<ItemValue> = fc.letrec<{ value: ItemValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

export const anyAttributes = fc
  .array(fc.tuple(name, anyValue), { maxLength: 5 })
  .map((entries) => Object.fromEntries(entries));
