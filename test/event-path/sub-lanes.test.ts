import { expect, test } from 'vitest';
import { requestSubLanes } from '../../shared/app/fences/raise-sub-lanes.ts';
import { readSubLanes } from '../../shared/app/fences/tenant-lanes.ts';
import { readWatermark } from '../../shared/app/fences/watermark.ts';
import { drain, readTotals, send } from './drive.ts';
import { foldTrace, readTrace } from './trace.ts';
import { createWorld } from './world.ts';

const EVENTS = readTrace(200);

test('sub-lanes raised under load: nothing is lost or doubled, and completeness never goes back nor lies', async () => {
  const world = await createWorld();
  const { items } = world.stores;
  const process = world.startProcess();
  const secret = world.secrets.get('acme') ?? '';
  const marks: { readonly fence: number; readonly timeMs: number }[] = [];
  for (let from = 0; from < EVENTS.length; from += 10) {
    if (from === 30) expect((await requestSubLanes({ items })({ tenant: 'acme', count: 2 })).ok).toBe(true);
    if (from === 90) expect((await requestSubLanes({ items })({ tenant: 'acme', count: 8 })).ok).toBe(true);
    const batch = EVENTS.slice(from, from + 10);
    // Each batch twice: the second may take another lane than the first.
    for (let times = 0; times < 2; times += 1) {
      expect((await send(process, secret, batch)).body).toMatchObject({ accepted: 10 });
      world.clock.advance(1_100);
    }
    await process.issueFence();
    if (from % 40 === 20) await drain(world, process, { batchSize: 3 });
    await process.runJobs();
    const mark = await readWatermark(items, 'acme');
    if (mark !== null) marks.push(mark);
  }
  await process.issueFence();
  await drain(world, process, { batchSize: 5 });
  await process.runJobs();
  expect(await readTotals(process, secret)).toEqual(foldTrace(EVENTS));
  expect(await readSubLanes(items, 'acme')).toMatchObject({ count: 8, pending: null });
  for (const [index, mark] of marks.entries()) {
    expect(mark.fence).toBeGreaterThanOrEqual(marks[index - 1]?.fence ?? 0);
    expect(mark.timeMs).toBeGreaterThanOrEqual(marks[index - 1]?.timeMs ?? 0);
  }
  expect(marks.length).toBeGreaterThan(3);
  const lowered = await requestSubLanes({ items })({ tenant: 'acme', count: 4 });
  expect(lowered).toMatchObject({ ok: false, error: { code: 'tenant.sub_lanes_lowered' } });
});
