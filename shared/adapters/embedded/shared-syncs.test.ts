import { expect, test } from 'vitest';
import { createSharedSyncs } from './shared-syncs.ts';

/** A disk whose syncs end when they are told to. */
function createDisk() {
  const begun: { readonly folder: string; readonly end: (error?: Error) => void }[] = [];
  const { sync } = createSharedSyncs((folder) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    begun.push({ folder, end: (error) => (error === undefined ? resolve() : reject(error)) });
    return promise;
  });
  return { begun, sync };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('who comes while a sync runs waits for one that begins after it, together with all others', async () => {
  const { begun, sync } = createDisk();
  const first = sync('a');
  await turn();
  const late = [sync('a'), sync('a')];
  const ended: string[] = [];
  for (const one of late) void one.then(() => ended.push('late'));
  await turn();
  expect(begun).toHaveLength(1);
  begun[0]?.end();
  await first;
  await turn();
  expect({ begun: begun.length, ended }).toEqual({ begun: 2, ended: [] });
  begun[1]?.end();
  await Promise.all(late);
  expect(ended).toEqual(['late', 'late']);
});

test('folders do not wait for one another', async () => {
  const { begun, sync } = createDisk();
  const both = [sync('a'), sync('b')];
  await turn();
  expect(begun.map(({ folder }) => folder)).toEqual(['a', 'b']);
  for (const { end } of begun) end();
  await Promise.all(both);
});

test('a sync that fails fails for all who wait for it, and not for those after', async () => {
  const { begun, sync } = createDisk();
  const failing = Promise.allSettled([sync('a'), sync('a')]);
  await turn();
  const next = sync('a');
  begun[0]?.end(new Error('EIO'));
  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await turn();
  begun[1]?.end();
  await expect(next).resolves.toBeUndefined();
});
