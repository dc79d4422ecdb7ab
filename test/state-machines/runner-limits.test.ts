import { expect, test } from 'vitest';
import { parseMachine } from '../../local/state-machines/definition.ts';
import { createStateMachineRunner } from '../../local/state-machines/runner.ts';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { createVirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import { StoreError } from '../../shared/ports/store-error.ts';
import { DRAFT, INPUT, passTime, runnerOf, START_MS, setUp, stepOf } from './runner-process.ts';

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
