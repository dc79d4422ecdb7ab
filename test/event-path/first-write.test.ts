import { expect, test } from 'vitest';
import type { StepRunner } from '../../shared/app/consume/steps.ts';
import { StoreError } from '../../shared/ports/store-error.ts';
import { drain, send } from './drive.ts';
import { readTrace, type TraceEvent } from './trace.ts';
import { call, createWorld, type World } from './world.ts';

const [FIRST] = readTrace(1) as [TraceEvent];
const SECOND = { ...FIRST, properties: { input_tokens: 1, output_tokens: 1 } };

async function sentTwice(): Promise<{ readonly world: World; readonly secret: string }> {
  const world = await createWorld();
  const secret = world.secrets.get('acme') ?? '';
  const process = world.startProcess();
  for (const event of [FIRST, SECOND]) {
    expect((await send(process, secret, [event])).body).toMatchObject({ accepted: 1 });
  }
  return { world, secret };
}

/** Claims cannot be made so many times. */
function withoutClaims(failures: number): StepRunner {
  let left = failures;
  return async (step, work) => {
    if (step === 'claim' && left > 0) {
      left -= 1;
      throw new StoreError({ message: 'throttled', outcome: 'not_done', reason: 'throttled' });
    }
    return await work();
  };
}

// Found by the simulation: the second content won whenever the claims of the first failed once.
test.each([1, 40])('the first write wins although its claims fail %i times', async (failures) => {
  const { world, secret } = await sentTwice();
  const process = world.startProcess(withoutClaims(failures));
  await drain(world, process, { batchSize: 1 });
  await world.startProcess().sweep({ force: true });
  const read = async (path: string) => (await call(process, { method: 'GET', path, secret })).body;
  expect(await read(`/v1/events/${FIRST.id}`)).toMatchObject({ properties: FIRST.properties });
  const conflicts = (await read('/v1/conflicts')).data.map(({ properties }) => properties);
  expect(conflicts).toEqual([SECOND.properties]);
});
