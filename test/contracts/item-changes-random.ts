import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  Condition,
  Item,
  ItemKey,
  ItemStore,
  TransactionOperation,
} from '../../shared/ports/item-store.ts';
import { type ChangesUnderTest, changesOf, type Images, imagesOf, OUTBOX } from './item-changes-builders.ts';
import { uniquePk } from './items-builders.ts';
import { expectedOutcome, type Model } from './items-model.ts';

const SKS = ['a', 'b', 'c'] as const;

/** Few values, so that many writes leave an item as it is and many conditions fail. */
const small = fc.integer({ min: 0, max: 2 });
const value = fc.oneof(small, small.map(BigInt), fc.constantFrom('x', null, [1], { b: 1, a: 2 }));
const attributes = fc.dictionary(fc.constantFrom('n', 'm'), value, { maxKeys: 2 });
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.constantFrom({ kind: 'item_absent' as const }, { kind: 'item_present' as const }),
  small.map((n) => ({ kind: 'equal' as const, name: 'n', value: n })),
);
const operation = fc.record({
  op: fc.constantFrom('put', 'set', 'add', 'remove', 'delete', 'check'),
  sk: fc.constantFrom(...SKS),
  attributes,
  n: fc.integer({ min: -1, max: 1 }),
  condition: fc.option(condition, { nil: undefined, freq: 2 }),
});
const transaction = fc.uniqueArray(operation, { minLength: 1, maxLength: 3, selector: ({ sk }) => sk });
type Drawn = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function toOperation(pk: string, drawn: Drawn): TransactionOperation {
  const key = { pk, sk: drawn.sk };
  const optional = drawn.condition === undefined ? {} : { condition: drawn.condition };
  const update = (changes: Extract<TransactionOperation, { op: 'update' }>['changes']) =>
    ({ op: 'update', table: OUTBOX, key, changes, ...optional }) as const;
  if (drawn.op === 'put')
    return { op: 'put', table: OUTBOX, item: { ...key, ...drawn.attributes }, ...optional };
  if (drawn.op === 'delete') return { op: 'delete', table: OUTBOX, key, ...optional };
  if (drawn.op === 'check')
    return { op: 'check', table: OUTBOX, key, condition: drawn.condition ?? { kind: 'item_present' } };
  if (drawn.op === 'set') return update({ set: { n: drawn.n } });
  // Nobody sets `count`, so that it can always be added to.
  return drawn.op === 'add' ? update({ add: { count: drawn.n } }) : update({ remove: ['n'] });
}

/** A single operation as the call of its own where there is one; whether it was done. */
async function write(items: ItemStore, operations: readonly TransactionOperation[]): Promise<boolean> {
  const [one] = operations;
  if (operations.length > 1 || one === undefined) return (await items.transact(operations)).ok;
  if (one.op === 'put') return (await items.put(one)).ok;
  if (one.op === 'update') return (await items.update(one)).ok;
  if (one.op === 'delete') return (await items.delete(one)).ok;
  return (await items.transact(operations)).ok;
}

/** As it is read back. */
function asStored(item: Item): Item {
  const entries = Object.entries(item).map(([name, one]) => [
    name,
    typeof one === 'bigint' ? Number(one) : one,
  ]);
  return Object.fromEntries(entries) as Item;
}

const imageIn = (model: Model, sk: string) => {
  const item = model.get(sk);
  return item === undefined ? null : asStored(item);
};

export function describeRandomChanges(subject: ChangesUnderTest): void {
  const { items, runs } = subject;

  describe('after any sequence of writes', () => {
    it('the feed has the changes that the model made, and no other', async () => {
      const property = fc.asyncProperty(
        fc.array(transaction, { minLength: 1, maxLength: 20 }),
        async (drawn) => {
          const pk = uniquePk();
          let model: Model = new Map();
          const expected = new Map<string, Images[]>(SKS.map((sk) => [sk, []]));
          for (const group of drawn) {
            const operations = group.map((one) => toOperation(pk, one));
            const outcome = expectedOutcome(model, operations);
            expect(await write(items(), operations)).toBe(outcome.kind === 'done');
            if (outcome.kind !== 'done') continue;
            for (const sk of SKS) {
              const images: Images = [imageIn(model, sk), imageIn(outcome.after, sk)];
              if (!isDeepStrictEqual(...images)) expected.get(sk)?.push(images);
            }
            model = outcome.after;
          }
          for (const sk of SKS) {
            expect(imagesOf(await changesOf(subject, { pk, sk }))).toEqual(expected.get(sk));
          }
        },
      );
      await fc.assert(property, { numRuns: runs });
    });
  });

  describe('after any writes at the same time', () => {
    it('images join each other, each write is there once, and replaying them from nothing gives the table', async () => {
      const rounds = fc.array(fc.array(transaction, { minLength: 2, maxLength: 8 }), {
        minLength: 1,
        maxLength: 4,
      });
      const property = fc.asyncProperty(rounds, async (drawn) => {
        const pk = uniquePk();
        const written: string[] = [];
        let tag = 0;
        for (const round of drawn) {
          const calls = round.map(async (group) => {
            const mine = tag++;
            const operations = group.map((one) => withTag(toOperation(pk, one), mine));
            const isDone = await untilAnswered(() => write(items(), operations));
            if (isDone) written.push(...operations.flatMap((one) => traceOf(one, mine)));
          });
          await Promise.all(calls);
        }
        const seen: string[] = [];
        for (const sk of SKS) {
          const table = (await items().get({ table: OUTBOX, key: { pk, sk } })) ?? null;
          const found = await changesOf(subject, { pk, sk });
          const replayed = found.reduce<Item | null>((before, change) => {
            expect(change.before).toEqual(before);
            expect(change.after).not.toEqual(before);
            return change.after;
          }, null);
          expect(replayed).toEqual(table);
          // An item that goes leaves no tag of its own.
          seen.push(...found.flatMap(({ after }) => (after === null ? [] : [`${sk} ${Number(after.tag)}`])));
        }
        expect(seen.toSorted()).toEqual(written.toSorted());
      });
      await fc.assert(property, { numRuns: runs });
    });
  });
}

/** Marks what a write leaves behind, so that no two writes are equal. */
function withTag(operation: TransactionOperation, tag: number): TransactionOperation {
  if (operation.op === 'put') return { ...operation, item: { ...operation.item, tag } };
  if (operation.op !== 'update') return operation;
  return { ...operation, changes: { ...operation.changes, set: { ...operation.changes.set, tag } } };
}

/** What shows of the operation in the item that it leaves behind. */
function traceOf(operation: TransactionOperation, tag: number): readonly string[] {
  if (operation.op !== 'put' && operation.op !== 'update') return [];
  const { sk }: ItemKey = operation.op === 'put' ? operation.item : operation.key;
  return [`${sk} ${tag}`];
}

/** What a store under contention may answer besides: the caller tries again, and nothing happened. */
async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (thrown) {
      const isNotDone = thrown instanceof Error && 'outcome' in thrown && thrown.outcome === 'not_done';
      if (!isNotDone) throw thrown;
    }
  }
}
