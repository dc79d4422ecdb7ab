import { describe, expect, test } from 'vitest';
import { createCountedIds } from '../../adapters/memory/counted-ids.ts';
import { createMemoryItems } from '../../adapters/memory/items/memory-items.ts';
import { createTenant } from '../tenants/create-tenant.ts';
import { type SettleDeploymentInput, settleClaimsDeployment } from './settle-deployment.ts';

const NOW_MS = Date.UTC(2026, 10, 24, 12);
const LIFETIME_MS = (45 + 7 + 1) * 86_400_000;
const ALONE: SettleDeploymentInput = {
  wanted: { mode: null, parts: null },
  keyCheck: 'one',
  isAlone: true,
};
type Mode = SettleDeploymentInput['wanted']['mode'];
type Change = readonly [NonNullable<Mode>, NonNullable<Mode>, isAlone: boolean, 'follows' | 'refused'];

function world() {
  const items = createMemoryItems();
  const clock = { nowMs: () => NOW_MS, sleep: async () => undefined };
  const settle = settleClaimsDeployment({ items, clock });
  const want = (mode: Mode, over: Partial<SettleDeploymentInput> = {}) =>
    settle({ ...ALONE, wanted: { mode, parts: null }, ...over });
  const addTenant = () =>
    createTenant({ items, clock, ids: createCountedIds({ clock }) })({ key: 'a', name: 'A', mode: 'live' });
  return { items, settle, want, addTenant };
}

const refused = (code: string) => ({ ok: false, error: { code } });
const packed = (exactUntilMs: number) => ({ ok: true, value: { mode: { kind: 'packed', exactUntilMs } } });
const kind = (name: string) => ({ ok: true, value: { mode: { kind: name } } });

test('a new deployment packs claims in one part, and has no exact ones to look for', async () => {
  const { settle, items } = world();
  const settled = await settle(ALONE);
  expect(settled).toEqual({
    ok: true,
    value: { mode: { kind: 'packed', exactUntilMs: 0 }, parts: 1, keyCheck: 'one', version: 1 },
  });
  expect(await settle(ALONE)).toEqual(settled);
  expect(items.all()).toHaveLength(1);
});

test('a deployment from before there was a choice stays exact until somebody wants it packed', async () => {
  const { want, addTenant } = world();
  await addTenant();
  expect(await want(null)).toMatchObject(kind('exact'));
  expect(await want('packed')).toMatchObject(packed(NOW_MS + LIFETIME_MS));
  const other = world();
  await other.addTenant();
  expect(await other.want('packed')).toMatchObject(packed(NOW_MS + LIFETIME_MS));
});

test('what was chosen stays when nothing is wanted', async () => {
  for (const mode of ['exact', 'packed-transition', 'packed'] as const) {
    const { settle, want } = world();
    const chosen = await settle({ ...ALONE, wanted: { mode, parts: 16 } });
    expect(chosen).toMatchObject({ value: { mode: { kind: mode }, parts: 16 } });
    expect(await want(null)).toEqual(chosen);
    expect(await want(mode)).toEqual(chosen);
  }
});

describe('of one mode after another', () => {
  const cases: readonly Change[] = [
    ['exact', 'packed-transition', false, 'follows'],
    ['packed-transition', 'packed', false, 'follows'],
    ['packed-transition', 'exact', false, 'follows'],
    ['exact', 'packed', false, 'refused'],
    ['exact', 'packed', true, 'follows'],
    ['packed', 'exact', true, 'refused'],
    ['packed', 'packed-transition', true, 'refused'],
    ['packed', 'exact', false, 'refused'],
  ];
  test.each(cases)('%s -> %s, alone: %s: %s', async (from, to, isAlone, outcome) => {
    const { want } = world();
    await want(from);
    const settled = await want(to, { isAlone });
    if (outcome === 'refused') {
      expect(settled).toMatchObject(refused('claims.mode_refused'));
      expect(await want(null)).toMatchObject(kind(from));
    } else {
      expect(settled).toMatchObject(to === 'packed' ? packed(NOW_MS + LIFETIME_MS) : kind(to));
      expect(await want(null)).toEqual(settled);
    }
  });
});

test('neither the number of parts nor the key of the hashes can be changed', async () => {
  const { settle, want } = world();
  await want('exact');
  for (const parts of [4, 16] as const) {
    const settled = await settle({ ...ALONE, wanted: { mode: null, parts } });
    expect(settled).toMatchObject(refused('claims.parts_fixed'));
  }
  expect(await settle({ ...ALONE, wanted: { mode: null, parts: 1 } })).toMatchObject(kind('exact'));
  expect(await want(null, { keyCheck: 'two' })).toMatchObject(refused('claims.key_changed'));
});

test('of many that begin at once all take what one of them recorded', async () => {
  const { settle } = world();
  const settled = await Promise.all(
    Array.from({ length: 16 }, () =>
      settle({ ...ALONE, isAlone: false, wanted: { mode: 'packed', parts: 4 } }),
    ),
  );
  for (const one of settled) expect(one).toEqual(settled[0]);
  expect(settled[0]).toMatchObject({ value: { parts: 4, version: 1 } });
});
