import { describe, expect, test } from 'vitest';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import {
  createRunnerProcess,
  DRAFT,
  FINALIZE,
  INPUT,
  passTime,
  runnerOf,
  START_MS,
  setUp,
  stepOf,
} from './runner-process.ts';

const never = () => new Promise<never>(() => undefined);

test('a Task gets its state as the step, the execution by its id, and the item', async () => {
  const { world, runToEnd } = setUp();
  await runToEnd(FINALIZE);
  const execution = 'arn:aws:states:us-east-1:000000000000:execution:finalize-invoices:one';
  const item = { tenant: 'acme', dueAt: INPUT.dueAt };
  expect(world.steps.filter(({ step }) => step !== 'FinalizePage')).toEqual([
    { step: 'DrawFence', execution, item },
    { step: 'CheckFence', execution, item: { tenant: 'acme', number: 101 }, polls: 0 },
    { step: 'ListDrafts', execution, item },
    {
      step: 'NumberInvoices',
      execution,
      item: {
        ...item,
        fence: 101,
        pages: [
          { page: 'page-0', finalized: 2 },
          { page: 'page-1', finalized: 2 },
          { page: 'page-2', finalized: 1 },
        ],
      },
    },
  ]);
  expect(world.steps.filter(({ step }) => step === 'FinalizePage')).toEqual(
    ['page-0', 'page-1', 'page-2'].map((page) => ({
      step: 'FinalizePage',
      execution,
      item: { ...item, fence: 101, page },
    })),
  );
});

test('an execution without pages succeeds', async () => {
  const { runToEnd } = setUp({ subscriptions: 0 });
  expect(await runToEnd(DRAFT)).toMatchObject({ status: 'succeeded', output: { done: [], failed: [] } });
});

test('an input of another format fails before any Task', async () => {
  const { runner, clock, world } = setUp();
  await runner.start({ ...DRAFT, input: { ...INPUT, v: 2 } });
  await passTime(clock, runner.idle());
  expect(await runner.get(DRAFT)).toMatchObject({ status: 'failed', error: { name: 'UnknownFormat' } });
  expect(world.steps).toEqual([]);
});

describe.each([DRAFT, FINALIZE])('$machine', (execution) => {
  test('a page that fails three times is reported and the others are done', async () => {
    const { world, process, runToEnd } = setUp({ failingPages: ['page-1'] });
    expect(await runToEnd(execution)).toMatchObject({
      status: 'succeeded',
      output: { done: ['page-0', 'page-2'], failed: [{ page: 'page-1', error: 'RangeError' }] },
    });
    expect([...world.invoices.keys()]).toEqual(['sub-0', 'sub-1', 'sub-4']);
    expect(world.steps.filter(({ item }) => item.page === 'page-1')).toHaveLength(3);
    expect(process.errors).toEqual(Array(3).fill(new RangeError('a quantity is out of range')));
  });

  test('polling looks once a second and ends as soon as the fence has passed', async () => {
    const { world, runToEnd } = setUp({ passedAtCheck: 8 });
    const record = await runToEnd(execution);
    expect(world.steps.filter(({ step }) => step === 'CheckFence').map(({ polls }) => polls)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7,
    ]);
    expect(record).toMatchObject({ status: 'succeeded', startedAtMs: START_MS, endedAtMs: START_MS + 7_000 });
  });

  test('polling gives up after ten minutes', async () => {
    const { world, runToEnd } = setUp({ passedAtCheck: Number.POSITIVE_INFINITY });
    const record = await runToEnd(execution);
    expect(record).toMatchObject({ status: 'failed', error: { name: 'FenceNotPassed' } });
    expect(world.steps.filter(({ step }) => step === 'CheckFence')).toHaveLength(600);
    expect(world.invoices.size).toBe(0);
  });
});

test('two starts with one name, at once or later, run once and answer the same execution', async () => {
  const { runner, clock, world } = setUp();
  const start = () => runner.start({ ...DRAFT, input: INPUT });
  const both = await Promise.all([start(), start()]);
  expect(both.map((started) => started.ok && started.value.status)).toEqual(['running', 'running']);
  await passTime(clock, runner.idle());
  expect(await start()).toMatchObject({ ok: true, value: { status: 'succeeded' } });
  await passTime(clock, runner.idle());
  expect(world.steps.filter(({ step }) => step === 'ListDue')).toHaveLength(1);
});

test('a start whose look at the store was answered late does not run what has ended since', async () => {
  const { world } = setUp();
  const items = createMemoryItems();
  const gate = Promise.withResolvers<void>();
  let late = false;
  const slow = {
    ...items,
    get: async (input: Parameters<typeof items.get>[0]) => {
      const held = late;
      late = false;
      const item = await items.get(input);
      if (held) await gate.promise;
      return item;
    },
  };
  const { runner, clock } = runnerOf(world.run, slow);
  await runner.start({ ...DRAFT, input: INPUT });
  late = true;
  const second = runner.start({ ...DRAFT, input: INPUT });
  await passTime(clock, runner.idle());
  gate.resolve();
  expect(await second).toMatchObject({ ok: true, value: { status: 'running' } });
  await passTime(clock, runner.idle());
  expect(world.steps.filter(({ step }) => step === 'ListDue')).toHaveLength(1);
});

test('a name with another input is refused, in another order of members it is the same input', async () => {
  const { runner } = setUp();
  await runner.start({ ...DRAFT, input: INPUT });
  const other = await runner.start({ ...DRAFT, input: { ...INPUT, tenant: 'other' } });
  expect(other).toMatchObject({ ok: false, error: { kind: 'input_differs', existing: { input: INPUT } } });
  const { v, tenant, dueAt } = INPUT;
  expect(await runner.start({ ...DRAFT, input: { dueAt, tenant, v } })).toMatchObject({ ok: true });
});

test('a stopped runner lets the Task in flight end, starts no other and refuses new work; a new one goes on', async () => {
  const { world, items, clock } = setUp();
  const gate = Promise.withResolvers<void>();
  const steps: string[] = [];
  const { runner } = runnerOf(async (payload) => {
    steps.push(stepOf(payload));
    await gate.promise;
    return await world.run(payload);
  }, items);
  await runner.start({ ...DRAFT, input: INPUT });
  await passTime(clock, never(), () => steps.length > 0);
  const stopped = runner.stop();
  expect(await runner.start({ ...FINALIZE, input: INPUT })).toEqual({
    ok: false,
    error: { kind: 'stopping' },
  });
  gate.resolve();
  await stopped;
  expect(steps).toEqual(['ListDue']);
  expect(world.steps).toHaveLength(1);
  expect(await runner.get(DRAFT)).toMatchObject({ status: 'running' });

  const next = createRunnerProcess({ items, clock, run: world.run });
  await next.runner.resume();
  await passTime(clock, next.runner.idle());
  expect(await next.runner.get(DRAFT)).toMatchObject({ status: 'succeeded' });
});

test('a runner stopped between two tries of a Task does not try again', async () => {
  const steps: string[] = [];
  const { runner, clock } = runnerOf(async (payload) => {
    steps.push(stepOf(payload));
    void runner.stop();
    throw new Error('not now');
  });
  await runner.start({ ...DRAFT, input: INPUT });
  await passTime(clock, runner.idle());
  expect(steps).toEqual(['ListDue']);
  expect(await runner.get(DRAFT)).toMatchObject({ status: 'running' });
});
