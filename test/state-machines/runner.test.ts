import { describe, expect, test } from 'vitest';
import { parseMachine } from '../../local/state-machines/definition.ts';
import type { TaskFunction } from '../../local/state-machines/run-execution.ts';
import { createStateMachineRunner } from '../../local/state-machines/runner.ts';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { createVirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import { StoreError } from '../../shared/ports/store-error.ts';
import { createInvoicingWorld } from './invoicing-world.ts';
import { createRunnerProcess, INPUT, MACHINES, passTime } from './runner-process.ts';

const START_MS = Date.UTC(2026, 11, 1);
const DRAFT = { machine: 'draft-invoices', name: 'one' };
const FINALIZE = { machine: 'finalize-invoices', name: 'one' };

function setUp(settings: Partial<Parameters<typeof createInvoicingWorld>[0]> = {}) {
  const world = createInvoicingWorld({ subscriptions: 5, passedAtCheck: 1, ...settings });
  const clock = createVirtualClock({ startMs: START_MS });
  const items = createMemoryItems();
  const process = createRunnerProcess({ items, clock, run: world.run });
  const runToEnd = async (execution: typeof DRAFT) => {
    await process.runner.start({ ...execution, input: INPUT });
    await passTime(clock, process.runner.idle());
    return await process.runner.get(execution);
  };
  return { world, clock, items, process, runner: process.runner, runToEnd };
}

/** A runner of the draft machine over functions of the test's own. */
function runnerOf(run: TaskFunction, items = createMemoryItems()) {
  const clock = createVirtualClock({ startMs: START_MS });
  const errors: unknown[] = [];
  const runner = createStateMachineRunner({
    clock,
    items,
    machines: MACHINES,
    tasks: { RunInvoiceStep: run },
    retryPauseMs: 0,
    onError: (_where, error) => errors.push(error),
  });
  return { runner, errors, clock };
}

const stepOf = (payload: unknown) => (payload as { readonly step: string }).step;
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

test('at most 16 executions run at a time, and all of them end', async () => {
  const { world } = setUp();
  let inFlight = 0;
  let most = 0;
  const { runner, clock } = runnerOf(async (payload) => {
    if (stepOf(payload) !== 'ListDue') return await world.run(payload);
    inFlight += 1;
    most = Math.max(most, inFlight);
    await clock.sleep(1_000);
    inFlight -= 1;
    return await world.run(payload);
  });
  const names = Array.from({ length: 40 }, (_, n) => ({ machine: DRAFT.machine, name: `n${n}` }));
  for (const name of names) await runner.start({ ...name, input: INPUT });
  await passTime(clock, runner.idle());
  expect(most).toBe(16);
  const records = await Promise.all(names.map((name) => runner.get(name)));
  expect(records.map((record) => record?.status)).toEqual(Array(40).fill('succeeded'));
});

test('an answer above 256 KB fails the execution at once, as Step Functions does', async () => {
  const steps: string[] = [];
  const { runner, clock } = runnerOf(async (payload) => {
    steps.push(stepOf(payload));
    return { pages: ['x'.repeat(256 * 1024)] };
  });
  await runner.start({ ...DRAFT, input: INPUT });
  await passTime(clock, runner.idle());
  expect(await runner.get(DRAFT)).toMatchObject({
    status: 'failed',
    error: { name: 'States.DataLimitExceeded' },
  });
  expect(steps).toEqual(['ListDue']);
});

test('a Map of 1,000 items is done, one of 1,001 fails the execution before the first', async () => {
  const largest = setUp({ subscriptions: 2_000 });
  expect(await largest.runToEnd(DRAFT)).toMatchObject({ status: 'succeeded' });
  expect(largest.world.invoices.size).toBe(2_000);
  const larger = setUp({ subscriptions: 2_002 });
  expect(await larger.runToEnd(DRAFT)).toMatchObject({
    status: 'failed',
    error: { name: 'States.Runtime', cause: '1001 items, 1000 are allowed' },
  });
  expect(larger.world.invoices.size).toBe(0);
});

test('a stop while an execution waits does not wait for it', async () => {
  const { world, clock, runner } = setUp({ passedAtCheck: 2 });
  await runner.start({ ...DRAFT, input: INPUT });
  for (let turns = 0; turns < 100; turns += 1) await clock.advance(0);
  await runner.stop();
  expect(clock.nowMs()).toBe(START_MS);
  expect(world.steps.map(({ step }) => step)).toEqual(['ListDue', 'CheckFence']);
});

test('an end that the store cannot take at first is recorded once it can', async () => {
  const { world } = setUp();
  const items = createMemoryItems();
  let outages = 0;
  const failing = {
    ...items,
    transact: async (operations: Parameters<typeof items.transact>[0]) => {
      const closes = operations.some(({ op }) => op === 'delete');
      const done = await items.transact(operations);
      outages += closes ? 1 : 0;
      if (closes && outages <= 3)
        throw new StoreError({ message: 'lost', outcome: 'unknown', reason: 'timeout' });
      return done;
    },
  };
  const { runner, clock, errors } = runnerOf(world.run, failing);
  await runner.start({ ...DRAFT, input: INPUT });
  await passTime(clock, runner.idle());
  expect(await runner.get(DRAFT)).toMatchObject({ status: 'succeeded' });
  expect(errors).toHaveLength(3);
});

test('a machine that names an unknown function is refused before anything runs', () => {
  const definition = parseMachine(
    JSON.stringify({
      Comment: 'one Task',
      StartAt: 'Work',
      States: {
        Work: {
          Type: 'Task',
          Resource: `\${${'Unknown'}}`,
          Parameters: { step: 'Work', 'execution.$': '$$.Execution.Id', item: {} },
          TimeoutSeconds: 1,
          End: true,
        },
      },
    }),
  );
  expect(() =>
    createStateMachineRunner({
      clock: createVirtualClock({ startMs: START_MS }),
      items: createMemoryItems(),
      machines: new Map([['one', definition]]),
      tasks: {},
      onError: () => undefined,
    }),
  ).toThrow('the function Unknown of one is missing');
});
