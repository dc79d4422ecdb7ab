import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { type EmbeddedAnalytics, openChdb } from '../../shared/adapters/embedded/chdb.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { analyticsContract } from './analytics.contract.ts';

describe('analytics in embedded ClickHouse', () => {
  let folder: string;
  let opened: EmbeddedAnalytics | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'analytics-'));
    opened = await openChdb({ dataFolder: folder });
  });
  afterAll(async () => {
    await opened?.close();
    await rm(folder, { recursive: true, force: true });
  });
  analyticsContract({ analytics: () => defined(opened, 'the store').analytics, runs: 15 });
});
