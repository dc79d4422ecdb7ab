import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { statesOf } from '../../local/state-machines/definition.ts';
import { verifyFiles } from '../../shared/app/invoicing/verify-files.ts';
import { type Death, MACHINES } from './mortal-process.ts';
import {
  type Clean,
  type CleanScene,
  outcomeOf,
  playClean,
  playKilled,
  playStalled,
  playTwice,
} from './mortal-scenes.ts';
import type { MortalWorld } from './mortal-world.ts';
import { shownInvoices } from './shown-invoices.ts';

/** Some thousand runs: the limit only ends what hangs. */
const WITH_TIME = { timeout: 300_000 };
const ONE = ['acme'];
const TWO = ['acme', 'globex'];
let one: Clean;
let two: Clean;
beforeAll(async () => {
  one = await playClean(ONE);
  two = await playClean(TWO);
});

async function expectProved(world: MortalWorld): Promise<void> {
  for (const tenant of world.tenants) {
    for (const { evidence, ...invoice } of await shownInvoices(world.stores, tenant)) {
      const lines = (evidence ?? '').split('\n').slice(0, -1);
      const numbered = lines.map((text, index) => ({ number: index + 1, text }));
      const verified = await verifyFiles({ invoice: JSON.stringify(invoice), evidence: asyncOf(numbered) });
      expect(verified).toMatchObject({ ok: true, value: { difference: null } });
    }
  }
}

async function* asyncOf<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

describe('undisturbed', () => {
  test('the scenes make the invoices that were worked out by hand, and their evidence proves them', async () => {
    for (const { world, tenants } of [
      { world: one.world, tenants: ONE },
      { world: two.world, tenants: TWO },
    ]) {
      for (const tenant of tenants) {
        const invoices = await shownInvoices(world.stores, tenant);
        const numbers = invoices.map(({ number }) => number);
        expect(numbers.toSorted()).toEqual(BY_HAND.map((_, index) => `INV-00000${index + 1}`));
        const shown = invoices.map(({ customer, period, total, status }) => {
          return `${customer} until ${period.to.slice(0, 10)}: ${total} ${status}`;
        });
        expect(shown.toSorted()).toEqual(BY_HAND);
      }
      await expectProved(world);
    }
  });

  test('nothing is left open, a page that could not be made is reported, and a line too', async () => {
    const { items } = await one.world.snapshot();
    const keys = items.map(({ pk, sk }) => `${pk} ${sk}`);
    // The leaver's line that could not be made is tried again after the end.
    expect(keys.filter((key) => key.includes('#due ')).toSorted()).toEqual([
      'tenant#acme#due 2024-02-03T00:00:00.000Z#follow_up#leaver',
      'tenant#acme#due 2024-03-01T00:00:00.000Z#period_end#behind',
    ]);
    expect(keys.filter((key) => /invoices-ready|executions#open|#touched/.test(key))).toEqual([]);
    expect(items.find(({ pk }) => pk === 'tenant#acme#lines-quarantined')).toMatchObject({
      subscription: 'leaver',
      count: 1,
      lines: expect.stringContaining('"charge":"dear"'),
    });
    const outputs = items.filter(({ pk }) => pk.startsWith('execution#')).map(({ output }) => String(output));
    expect(outputs).toHaveLength(6);
    expect(outputs.filter((output) => output.includes('"error":"StoreError"'))).toHaveLength(2);
  });
});

/** Of 31 days, the leaver has 22 in December, and in January 4 of the 16 of the second version. */
const BY_HAND = [
  'behind until 2023-12-01: 31.00 finalized',
  'behind until 2023-12-01: 42.00 finalized',
  'behind until 2024-01-01: 42.00 finalized',
  'behind until 2024-02-01: 42.75 finalized',
  'leaver until 2024-01-01: 22.00 finalized',
  'leaver until 2024-01-01: 38.60 finalized',
  'leaver until 2024-01-20: -5.87 finalized',
];

describe('killed', () => {
  test(
    'before or after any call, what is left is what a run leaves that was not killed',
    WITH_TIME,
    async () => {
      const killed = new Set<string>();
      for (const scene of one.scenes) {
        for (const [index, { state, port }] of scene.calls.entries()) {
          for (const when of ['before', 'after'] as const) {
            const { world, died } = await playKilled(ONE, scene, [{ call: index + 1, when }]);
            const where = { scene: scene.index, state, port, when };
            expect({ where, died }).toEqual({ where, died: 1 });
            const { left, expected } = await outcomeOf(world, one, scene.index);
            expect({ where, left }).toEqual({ where, left: expected });
            killed.add(state);
          }
        }
      }
      // The other states call nothing: a process that dies in one dies between two calls.
      const calling = [...MACHINES].flatMap(([machine, definition]) => [
        `${machine}/(runner)`,
        ...[...statesOf(definition)]
          .filter(([, { Type }]) => Type === 'Task' || Type === 'Wait')
          .map(([name]) => `${machine}/${name}`),
      ]);
      expect([...killed].toSorted()).toEqual(calling.toSorted());
    },
  );

  test('again and again, anywhere in the runs of two tenants at once, too', async () => {
    await fc.assert(
      fc.asyncProperty(anyScene, fc.array(anyDeath, { minLength: 1, maxLength: 4 }), async (nth, deaths) => {
        const scene = sceneOf(two, nth);
        const within = deaths.map((death) => inScene(scene, death));
        const { world } = await playKilled(TWO, scene, within);
        const { left, expected } = await outcomeOf(world, two, scene.index);
        expect(left).toEqual(expected);
      }),
      { numRuns: 80 },
    );
  });
});

describe('two runners on the same stores', () => {
  test('at once, whoever comes first, leave what one leaves', async () => {
    await fc.assert(
      fc.asyncProperty(anyScene, fc.infiniteStream(fc.nat(3)), async (nth, turns) => {
        const scene = sceneOf(two, nth);
        const pause = async () => {
          for (let turn = turns.next().value ?? 0; turn > 0; turn -= 1) await nextTurn();
        };
        const world = await playTwice(TWO, scene, pause);
        const { left, expected } = await outcomeOf(world, two, scene.index);
        expect(left).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  test('one of which stood still anywhere, until the other was done or further, leave what one leaves', async () => {
    await fc.assert(
      fc.asyncProperty(anyScene, anyDeath, fc.nat(2), async (nth, death, further) => {
        const scene = sceneOf(two, nth);
        const until = Math.min(scene.index + further, two.scenes.length - 1);
        const world = await playStalled(TWO, scene, inScene(scene, death), until);
        const { left, expected } = await outcomeOf(world, two, until);
        expect(left).toEqual(expected);
      }),
      { numRuns: 80 },
    );
  });
});

const anyScene = fc.nat(5);
const anyDeath = fc.record({ call: fc.nat(), when: fc.constantFrom('before' as const, 'after' as const) });

function sceneOf({ scenes }: Clean, nth: number): CleanScene {
  const scene = scenes[nth];
  if (scene === undefined) throw new Error(`there is no scene ${nth}`);
  return scene;
}

function inScene({ calls }: CleanScene, { call, when }: Death): Death {
  return { call: (call % calls.length) + 1, when };
}
