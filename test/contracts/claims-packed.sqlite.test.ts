import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedItems, openSqliteItems } from '../../shared/adapters/embedded/sqlite-items.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { claimsContract } from './claims.contract.ts';
import { createStaging, identitiesOf, NOW_MS, uuidAt } from './claims-builders.ts';
import { packedClaimsContract } from './claims-packed.contract.ts';

const EXPIRED_AT_ONCE = 1_000;

describe('packed claims in SQLite', () => {
  let folder: string;
  let opened: EmbeddedItems | undefined;
  const { packed } = createStaging();
  const open = () => {
    opened = openSqliteItems({ path: join(folder, 'items.sqlite'), clock: createSystemClock() });
  };
  const store = () => defined(opened, 'the store');
  const claims = () => packed({ items: store().items });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'packed-claims-'));
    open();
  });
  afterAll(async () => {
    await opened?.close();
    await rm(folder, { recursive: true, force: true });
  });
  claimsContract({ claims, idOf: (serial) => uuidAt(NOW_MS, serial), runs: 20 });
  packedClaimsContract({
    items: () => store().items,
    expire: async (nowSeconds) => {
      while ((await store().deleteExpired(nowSeconds, EXPIRED_AT_ONCE)) === EXPIRED_AT_ONCE);
    },
    runs: 10,
    eventsOfOneInstant: 10_000,
  });

  it('are the same after the file was opened again', async () => {
    const idOf = (serial: number) => uuidAt(NOW_MS + 60_000, serial);
    const identities = identitiesOf({ tenant: 'reopened', count: 1_500, idOf });
    const owners = identities.map(() => 'chunk-1');
    expect(await claims().settle({ chunk: 'chunk-1', identities, nowMs: NOW_MS })).toEqual(owners);
    await opened?.close();
    open();
    expect(await claims().settle({ chunk: 'chunk-2', identities, nowMs: NOW_MS })).toEqual(owners);
  });
});
