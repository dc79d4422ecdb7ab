import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createExactClaims } from '../../shared/adapters/claims/exact-claims.ts';
import { type EmbeddedItems, openSqliteItems } from '../../shared/adapters/embedded/sqlite-items.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { claimsContract } from './claims.contract.ts';
import { identitiesOf } from './claims-builders.ts';

describe('exact claims in SQLite', () => {
  let folder: string;
  let opened: EmbeddedItems | undefined;
  const open = () => {
    opened = openSqliteItems({ path: join(folder, 'items.sqlite'), clock: createSystemClock() });
  };
  const claims = () => createExactClaims({ items: defined(opened, 'the store').items });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'claims-'));
    open();
  });
  afterAll(async () => {
    await opened?.close();
    await rm(folder, { recursive: true, force: true });
  });
  claimsContract({ claims, idOf: (serial) => `id-${serial}`, runs: 40 });

  it('are the same after the file was opened again', async () => {
    const identities = identitiesOf({ tenant: 'reopened', count: 500, idOf: (serial) => `id-${serial}` });
    const owners = identities.map(() => 'chunk-1');
    expect(await claims().settle({ chunk: 'chunk-1', identities, nowMs: 0 })).toEqual(owners);
    await opened?.close();
    open();
    expect(await claims().settle({ chunk: 'chunk-2', identities, nowMs: 0 })).toEqual(owners);
  });
});
