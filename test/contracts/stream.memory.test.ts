import { describe } from 'vitest';
import { createMemoryStream } from '../../shared/adapters/memory/stream/memory-stream.ts';
import { createVirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import { streamContract } from './stream.contract.ts';
import { streamTrimContract } from './stream-trim.ts';

describe('stream in memory', () => {
  const clock = createVirtualClock({ startMs: Date.UTC(2026, 10, 24) });
  const stream = createMemoryStream({ shards: 3, clock });
  streamContract({ stream: () => stream, runs: 100 });
  streamTrimContract({
    clock,
    open: async () => {
      const opened = createMemoryStream({ shards: 1, clock });
      return { stream: opened, trim: opened.trim };
    },
  });
});
