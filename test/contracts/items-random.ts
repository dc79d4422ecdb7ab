import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../shared/kernel/assert.ts';
import type { Condition, ItemStore, TransactionOperation } from '../../shared/ports/item-store.ts';
import {
  anyInteger,
  anyValue,
  type ItemsUnderTest,
  integerRead,
  LARGEST,
  MAIN,
  uniquePk,
} from './items-builders.ts';
import { expectedOutcome, inOrder, type Model } from './items-model.ts';

const name = fc.constantFrom('x', 'y', 'z');
const sk = fc.constantFrom('a', 'b', 'é', '😀');
const smallInteger = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -2, max: 2 }).map(BigInt) },
  { weight: 1, arbitrary: anyInteger },
);
/** Seldom a sum above 38 digits, and never exactly 10^38, about which stores differ. */
const addend = fc.bigInt({ min: -3n, max: 3n }).map((value) => value * 2n);
const scalar = fc.oneof(smallInteger.map(integerRead), fc.constantFrom('', 'a', 'b', '😀'), fc.boolean());
const value = fc
  .oneof({ weight: 4, arbitrary: scalar }, { weight: 1, arbitrary: anyValue })
  .filter(isNotAtTheEdge);

function isNotAtTheEdge(stored: unknown): boolean {
  return typeof stored !== 'bigint' || (stored < LARGEST - 10n && stored > -LARGEST + 10n);
}

const ordered = fc.constantFrom('less', 'less_or_equal', 'greater', 'greater_or_equal' as const);
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ kind: fc.constantFrom('item_absent' as const, 'item_present' as const) }),
  fc.record({ kind: fc.constant('attribute_absent' as const), name }),
  fc.record({ kind: fc.constantFrom('equal' as const, 'not_equal' as const), name, value: scalar }),
  fc.record({
    kind: ordered,
    name,
    value: scalar.filter((one) => typeof one !== 'boolean'),
  }),
) as fc.Arbitrary<Condition>;
const condition: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 3, arbitrary: leaf },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('all' as const, 'any' as const),
      of: fc.array(leaf, { minLength: 1, maxLength: 3 }),
    }),
  },
);
const attributes = fc.dictionary(name, value, { maxKeys: 3 });
const changes = fc
  .record({ set: attributes, add: fc.dictionary(name, addend), remove: fc.uniqueArray(name) })
  .map(({ set, add, remove }) => {
    const added = Object.entries(add).filter(([one]) => !(one in set));
    const removed = remove.filter((one) => !(one in set) && !added.some(([other]) => other === one));
    return { set, add: Object.fromEntries(added), remove: removed };
  })
  .filter(({ set, add, remove }) => Object.keys(set).length + Object.keys(add).length + remove.length > 0);

/** An operation without its partition. */
const operation = fc.record({
  op: fc.constantFrom('put', 'update', 'delete', 'check'),
  sk,
  attributes,
  changes,
  condition: fc.option(condition, { nil: undefined }),
  needed: condition,
});
const step = fc.record({
  operations: fc.uniqueArray(operation, { minLength: 1, maxLength: 4, selector: (one) => one.sk }),
  isTransaction: fc.boolean(),
});

type Drawn = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function toOperation(pk: string, drawn: Drawn): TransactionOperation {
  const optional = drawn.condition === undefined ? {} : { condition: drawn.condition };
  const key = { pk, sk: drawn.sk };
  if (drawn.op === 'put')
    return { op: 'put', table: MAIN, item: { ...key, ...drawn.attributes }, ...optional };
  if (drawn.op === 'update') return { op: 'update', table: MAIN, key, changes: drawn.changes, ...optional };
  if (drawn.op === 'delete') return { op: 'delete', table: MAIN, key, ...optional };
  return { op: 'check', table: MAIN, key, condition: drawn.needed };
}

export function describeRandomWrites({ items, runs }: ItemsUnderTest): void {
  describe('any sequence of writes', () => {
    it('answers and leaves behind what the model says', async () => {
      const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const pk = uniquePk();
        let model: Model = new Map();
        for (const { operations, isTransaction } of steps) {
          const all = operations.map((drawn) => toOperation(pk, drawn));
          const groups = isTransaction ? [all] : all.map((one) => [one]);
          for (const group of groups) {
            const expected = expectedOutcome(model, group);
            const call = isTransaction ? items().transact(group) : single(items(), group[0]);
            if (expected.kind === 'bug') expect(await outcomeOf(call)).toBeOneOf(['bug', expected.reasons]);
            else if (expected.kind === 'cancelled' && isTransaction) {
              const error = { kind: 'transaction_cancelled', reasons: expected.reasons };
              expect(await call).toEqual({ ok: false, error });
            } else if (expected.kind === 'cancelled') {
              expect(await call).toEqual({ ok: false, error: expected.reasons[0] });
            } else {
              const [one] = group;
              const isUpdate = !isTransaction && one?.op === 'update';
              const updated = isUpdate ? expected.after.get(one.key.sk) : undefined;
              expect(await call).toEqual({ ok: true, value: updated });
              model = expected.after;
            }
          }
          const found = await items().query({ table: MAIN, pk, limit: 100 });
          expect(found).toEqual({ items: inOrder(model) });
        }
      });
      await fc.assert(property, { numRuns: runs });
    });
  });
}

async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    const done = (await call) as { readonly error?: { readonly reasons?: unknown } };
    return done.error?.reasons ?? 'done';
  } catch (thrown) {
    return thrown instanceof InvariantError ? 'bug' : thrown;
  }
}

/** Outside of a transaction there is no check: it is one of a single operation. */
async function single(items: ItemStore, operation: TransactionOperation | undefined): Promise<unknown> {
  if (operation?.op === 'put') return await items.put(operation);
  if (operation?.op === 'update') return await items.update(operation);
  if (operation?.op === 'delete') return await items.delete(operation);
  const done = await items.transact(operation === undefined ? [] : [operation]);
  return done.ok ? done : { ok: false, error: done.error.reasons[0] };
}
