import { setTimeout as pause } from 'node:timers/promises';
import { describe } from 'vitest';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import { createSystemIds } from '../../shared/adapters/system/ids.ts';
import { clockAndIdsContract } from './clock-and-ids.contract.ts';

describe('clock and ids of the machine', () => {
  clockAndIdsContract({
    clock: createSystemClock(),
    ids: createSystemIds(),
    pass: async (ms) => {
      await pause(ms);
    },
  });
});
