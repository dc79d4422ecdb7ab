import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Session } from 'chdb';
import type { Analytics } from '../../ports/analytics.ts';
import { createAnalyticsReader } from '../clickhouse/analytics-reader.ts';
import { createAnalyticsWriter } from '../clickhouse/analytics-writer.ts';
import { checkTables } from '../clickhouse/check-tables.ts';
import { migrate, readMigrations } from '../clickhouse/migrate.ts';
import { createQuerier } from '../clickhouse/querier.ts';
import { createChdbClient } from './chdb-client.ts';

const MIB = 1024 * 1024;

/** The engine would take 90 % of the machine's memory, and 5 GiB for each of its caches. */
const ENGINE_LIMITS = {
  max_server_memory_usage: 2048 * MIB,
  mark_cache_size: 64 * MIB,
  primary_index_cache_size: 64 * MIB,
  index_mark_cache_size: 16 * MIB,
};

export interface EmbeddedAnalytics {
  readonly analytics: Analytics;
  /** Waits for statements that run; nothing may be asked afterwards. */
  close(): Promise<void>;
}

/**
 * ClickHouse in this process, at `<dataFolder>/clickhouse`, its schema brought up to date. The engine opens one
 * folder a process and does not refuse a second process on it: the caller holds the lock of the data folder.
 */
export async function openChdb(input: { readonly dataFolder: string }): Promise<EmbeddedAnalytics> {
  const path = join(input.dataFolder, 'clickhouse');
  await mkdir(path, { recursive: true });
  // What the engine takes only at its start; it lives as long as a session does.
  const session = new Session(path, {
    connectionArgs: ['--', ...Object.entries(ENGINE_LIMITS).map(([name, value]) => `--${name}=${value}`)],
  });
  const inserts = createChdbClient(path);
  const folds = createChdbClient(path);
  const queries = createChdbClient(path);
  const close = async () => {
    await inserts.close();
    await folds.close();
    await queries.close();
    session.close();
  };
  const querier = createQuerier(queries);
  try {
    await migrate({ client: inserts, querier }, await readMigrations());
    await checkTables(querier);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const analytics = {
    ...createAnalyticsWriter({ inserts, folds, querier }),
    ...createAnalyticsReader(querier),
  };
  return { analytics, close };
}
