import { Counter, Gauge, Histogram } from 'prom-client';
import type { ConsumedBatch } from '../../shared/app/consume/consume-batch.ts';
import type { StepRunner } from '../../shared/app/consume/steps.ts';
import type { Swept } from '../../shared/app/sweep/sweep-chunks.ts';
import type { IngestAnswer } from '../../shared/contracts/event.ts';
import type { MetricsRegistry } from './metrics.ts';

/** What the path of an event tells of itself. */
export interface PathMetrics {
  answered(answer: IngestAnswer): void;
  consumed(batch: ConsumedBatch): void;
  swept(swept: Swept): void;
  unfinished(): void;
  taskFailed(task: string): void;
  /** Asks whenever metrics are read. */
  watchAnalytics(isDown: () => boolean): void;
  readonly runStep: StepRunner;
}

const BUCKETS_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];

export function createPathMetrics(deps: {
  readonly registry: MetricsRegistry;
  readonly clock: { nowMs(): number };
}): PathMetrics {
  const { registry, clock } = deps;
  const counters = createCounters(registry);
  const gauges = createGauges(registry);
  const analytics = { isDown: () => false };
  new Gauge({
    name: 'countinghouse_analytics_down',
    help: '1 while analytics does not answer and is spared, else 0.',
    registers: [registry],
    collect() {
      this.set(analytics.isDown() ? 1 : 0);
    },
  });
  const seconds = new Histogram({
    name: 'countinghouse_consume_step_seconds',
    help: 'Time of each step of the consumer.',
    labelNames: ['step'] as const,
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  return {
    answered: ({ accepted, rejected, retry }) => {
      counters.answered.inc({ status: 'accepted' }, accepted);
      counters.answered.inc({ status: 'rejected' }, rejected);
      counters.answered.inc({ status: 'retry' }, retry);
    },
    consumed: ({ events }) => counters.consumed.inc(events),
    swept: ({ open, committed, oldestOpenMs, parked, fenceLagMs }) => {
      gauges.openChunks.set(open - committed);
      gauges.oldestOpenSeconds.set(oldestOpenMs / 1000);
      gauges.parkedParts.set(parked);
      gauges.fenceLagSeconds.set(fenceLagMs / 1000);
    },
    unfinished: () => counters.unfinished.inc(),
    taskFailed: (task) => counters.tasksFailed.inc({ task }),
    watchAnalytics: (isDown) => {
      analytics.isDown = isDown;
    },
    runStep: async (step, work) => {
      const startedMs = clock.nowMs();
      try {
        return await work();
      } finally {
        seconds.observe({ step }, (clock.nowMs() - startedMs) / 1000);
      }
    },
  };
}

function createCounters(registry: MetricsRegistry) {
  const registers = [registry];
  return {
    answered: new Counter({
      name: 'countinghouse_events_answered',
      help: 'Events of ingest requests, by what they were told.',
      labelNames: ['status'] as const,
      registers,
    }),
    consumed: new Counter({
      name: 'countinghouse_events_consumed',
      help: 'Events taken out of the stream, resends included.',
      registers,
    }),
    unfinished: new Counter({
      name: 'countinghouse_chunks_unfinished',
      help: 'Times a chunk could not be finished at once; it stays open and is tried again.',
      registers,
    }),
    tasksFailed: new Counter({
      name: 'countinghouse_tasks_failed',
      help: 'Times a scheduled task failed; it is tried again.',
      labelNames: ['task'] as const,
      registers,
    }),
  };
}

function createGauges(registry: MetricsRegistry) {
  const registers = [registry];
  return {
    openChunks: new Gauge({
      name: 'countinghouse_chunks_open',
      help: 'Chunks that the last sweep left open.',
      registers,
    }),
    oldestOpenSeconds: new Gauge({
      name: 'countinghouse_chunk_oldest_open_seconds',
      help: 'Age of the oldest chunk that the last sweep left open; 0 where there is none.',
      registers,
    }),
    parkedParts: new Gauge({
      name: 'countinghouse_parts_parked',
      help: 'Parts of chunks that analytics refuses; there should be none.',
      registers,
    }),
    fenceLagSeconds: new Gauge({
      name: 'countinghouse_fence_lag_seconds',
      help: 'How far the present was ahead of what is complete in every lane, at the last sweep.',
      registers,
    }),
  };
}
