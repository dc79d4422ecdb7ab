import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openFileObjects } from '../../shared/adapters/embedded/file-objects.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { createModelDisk, type ModelDisk } from './model-disk.ts';

const FOLDER = '/data/objects';
const KEYS = ['a', 'day/b', 'day/c', 'day/deep/d'];
const atOnce = () => Promise.resolve();
const turn = () => new Promise((resolve) => setImmediate(resolve));
const open = (disk: ModelDisk, step: () => Promise<unknown> = atOnce) =>
  openFileObjects({ folder: FOLDER, files: disk.files(step) });

/** Everything that a store holds, by key. */
async function contents(objects: ObjectStore): Promise<Record<string, string>> {
  const { keys } = await objects.list({ prefix: '', limit: 100 });
  const texts = await Promise.all(keys.map(async (key) => [key, await readText(objects, key)] as const));
  return Object.fromEntries(texts.map(([key, text]) => [key, text ?? 'listed, but not there']));
}

async function readText(objects: ObjectStore, key: string): Promise<string | undefined> {
  const body = await objects.get(key);
  return body === undefined ? undefined : Buffer.from(body).toString();
}

/** Works on the store until its process is killed after so many steps, in an order that the scheduler draws. */
async function runUntilKilled(input: {
  readonly disk: ModelDisk;
  readonly scheduler: fc.Scheduler;
  readonly steps: number;
  /** Whether the process has used the folders before. */
  readonly isWarm: boolean;
  readonly work: (objects: ObjectStore) => readonly Promise<unknown>[];
}): Promise<void> {
  const { disk, scheduler, steps, isWarm, work } = input;
  let isRunning = false;
  const objects = await open(disk, () => (isRunning ? scheduler.schedule(Promise.resolve()) : atOnce()));
  for (const folder of isWarm ? ['day', 'day/deep'] : []) {
    await objects.put({ key: `${folder}/warm`, body: Buffer.from('warm') });
    await objects.delete(`${folder}/warm`);
  }
  isRunning = true;
  const works = Promise.allSettled(work(objects));
  for (let step = 0; step < steps; step += 1) {
    await turn();
    if (scheduler.count() === 0) break;
    await scheduler.waitOne();
  }
  await turn();
  // Works that wait for a step that never comes are those of a killed process.
  await Promise.race([works, turn()]);
}

const chance = fc.infiniteStream(fc.boolean());
const drawOf = (stream: Iterator<boolean>) => () => stream.next().value === true;
const keyIndex = fc.nat({ max: KEYS.length - 1 });
const run = { scheduler: fc.scheduler(), steps: fc.nat({ max: 60 }), isWarm: fc.boolean(), chance };

test('what was put if absent, found to exist, or read outlives a loss of power at any step', async () => {
  const key = fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, keyIndex);
  const work = fc.record({ key, kind: fc.constantFrom('put', 'get', 'list') });
  const works = fc.array(work, { minLength: 1, maxLength: 10 });
  const property = fc.asyncProperty(fc.record({ ...run, works }), async ({ works: drawn, ...rest }) => {
    const disk = createModelDisk();
    const known = new Map<string, string | undefined>();
    const learn = (key: string, text: string | undefined) => {
      if (known.get(key) === undefined) known.set(key, text);
      else if (text !== undefined) expect(text).toBe(known.get(key));
    };
    const workOn = (objects: ObjectStore) =>
      drawn.map(async ({ key: index, kind }, at) => {
        const key = KEYS[index] ?? '';
        if (kind === 'put') {
          const body = Buffer.from(`body ${at}`);
          if ((await objects.put({ key, body, ifAbsent: true })).ok) learn(key, `body ${at}`);
          else learn(key, await readText(objects, key));
        } else if (kind === 'get') {
          for (let look = 0; look < 6; look += 1) {
            const text = await readText(objects, key);
            if (text !== undefined) learn(key, text);
          }
        } else {
          for (const listed of (await objects.list({ prefix: '', limit: 100 })).keys)
            if (!known.has(listed)) known.set(listed, undefined);
        }
      });
    await runUntilKilled({ disk, work: workOn, ...rest });
    disk.losePower(drawOf(rest.chance));
    const left = await contents(await open(disk));
    for (const [key, text] of known) {
      if (text !== undefined) expect(left[key]).toBe(text);
      expect(left[key]).toMatch(/^body \d+$/);
    }
    for (const text of Object.values(left)) expect(text).toMatch(/^body \d+$/);
  });
  await fc.assert(property, { numRuns: 1_500 });
});

test('what a later process saw of one that was killed outlives a loss of power, too', async () => {
  const works = fc.array(fc.record({ key: keyIndex, ifAbsent: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  });
  const look = fc.constantFrom('read', 'list', 'put');
  const property = fc.asyncProperty(fc.record({ ...run, works, look }), async (drawn) => {
    const disk = createModelDisk();
    const work = (objects: ObjectStore) =>
      drawn.works.map(({ key, ifAbsent }, at) =>
        objects.put({ key: KEYS[key] ?? '', body: Buffer.from(`body ${at}`), ifAbsent }),
      );
    await runUntilKilled({ ...drawn, disk, work });
    const later = await open(disk);
    const seen: Record<string, string | undefined> = {};
    for (const key of drawn.look === 'list' ? (await later.list({ prefix: '', limit: 100 })).keys : KEYS) {
      if (drawn.look === 'read') seen[key] = await readText(later, key);
      else if (drawn.look === 'list') seen[key] = 'present';
      else {
        const { ok } = await later.put({ key, body: Buffer.from('body later'), ifAbsent: true });
        seen[key] = ok ? 'body later' : 'present';
      }
    }
    disk.losePower(drawOf(drawn.chance));
    const left = await contents(await open(disk));
    for (const [key, text] of Object.entries(seen)) {
      if (text === 'present') expect(left[key]).toMatch(/^body \d+$/);
      else expect(left[key]).toBe(text);
    }
  });
  await fc.assert(property, { numRuns: 400 });
});

test('after a loss of power an object is what its last acknowledged change made it, or the one after', async () => {
  const works = fc.array(
    fc.array(fc.constantFrom('put', 'put if absent', 'delete', 'delete'), { maxLength: 6 }),
    { minLength: KEYS.length, maxLength: KEYS.length },
  );
  const property = fc.asyncProperty(fc.record({ ...run, works }), async ({ works: drawn, ...rest }) => {
    const disk = createModelDisk();
    const states = KEYS.map(() => ({
      certain: undefined as string | undefined,
      next: undefined as string | undefined,
    }));
    const work = (objects: ObjectStore) =>
      drawn.map(async (changes, index) => {
        const key = KEYS[index] ?? '';
        const state = states[index] ?? { certain: undefined, next: undefined };
        for (const [at, change] of changes.entries()) {
          if (change === 'put if absent' && state.certain !== undefined) state.next = state.certain;
          else state.next = change === 'delete' ? undefined : `body ${index} ${at}`;
          const body = Buffer.from(`body ${index} ${at}`);
          if (change === 'delete') await objects.delete(key);
          else await objects.put({ key, body, ifAbsent: change === 'put if absent' });
          state.certain = state.next;
        }
      });
    await runUntilKilled({ disk, work, ...rest });
    disk.losePower(drawOf(rest.chance));
    const left = await contents(await open(disk));
    for (const [index, key] of KEYS.entries()) {
      expect([states[index]?.certain, states[index]?.next]).toContain(left[key]);
    }
    expect(Object.keys(left).every((key) => KEYS.includes(key))).toBe(true);
  });
  await fc.assert(property, { numRuns: 400 });
});
