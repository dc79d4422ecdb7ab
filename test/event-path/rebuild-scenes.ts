import { expect } from 'vitest';
import type { Aggregation } from '../../shared/domain/metering/usage-read.ts';
import { createRebuildBench, type RebuildBench, usedAt } from './rebuild-bench.ts';
import { AGGREGATIONS } from './rebuild-model.ts';

/** Two days of events, of each of which something was corrected. */
export async function corrected(): Promise<RebuildBench> {
  const bench = await createRebuildBench();
  const events = Array.from({ length: 12 }, (_, index) =>
    usedAt(index + 1, { day: index % 2, hour: index + 3 }, { region: index % 3 === 0 ? 'us' : 'eu' }),
  );
  await bench.send(events);
  await bench.consume();
  await bench.revoke('used-12');
  await bench.amend(usedAt(11, { day: 1, hour: 2 }, { amount: 500 }));
  await bench.amend(usedAt(10, { day: 0, hour: 13 }, { region: 'apac' }));
  await bench.consume();
  await bench.check();
  return bench;
}

export async function rolledUp(bench: RebuildBench): Promise<readonly Aggregation[]> {
  const found: Aggregation[] = [];
  for (const aggregation of AGGREGATIONS) {
    const segments = await bench.grainsOf(aggregation);
    if (segments.every(({ grain }) => grain !== 'usage')) found.push(aggregation);
  }
  return found;
}

/** What rollups answer does not need the rows. */
export async function expectRolledUp(bench: RebuildBench): Promise<void> {
  const aggregations = await rolledUp(bench);
  expect(aggregations).toEqual(expect.arrayContaining(['count', 'sum', 'avg']));
  bench.world.faults.loseUsageRows();
  await bench.check(aggregations);
}
