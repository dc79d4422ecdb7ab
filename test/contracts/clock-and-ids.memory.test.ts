import { describe } from 'vitest';
import { createCountedIds } from '../../shared/adapters/memory/counted-ids.ts';
import { createVirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import { clockAndIdsContract } from './clock-and-ids.contract.ts';

describe('clock and ids in memory', () => {
  const clock = createVirtualClock({ startMs: Date.UTC(2026, 10, 24) });
  clockAndIdsContract({ clock, ids: createCountedIds({ clock }), pass: (ms) => clock.advance(ms) });
});
