import { createCheckpoints } from '../../local/checkpoints.ts';
import { toKinesisEvent } from '../../local/kinesis-event.ts';
import type { Runtime } from '../../local/runtime.ts';
import { CONSUME_STEPS, type ConsumeStep, type StepRunner } from '../../shared/app/consume/steps.ts';
import type { StreamRecord } from '../../shared/ports/event-stream.ts';
import { CUSTOMERS, METERS, type Totals, type TraceEvent } from './trace.ts';
import { type Answered, call, type World } from './world.ts';

/** A moment at which a consumer can be killed: before or after the n-th run of a step. */
export interface CrashPoint {
  readonly step: ConsumeStep;
  readonly when: 'before' | 'after';
  readonly occurrence: number;
}

export function crashPoints(occurrences: readonly number[]): readonly CrashPoint[] {
  return CONSUME_STEPS.flatMap((step) =>
    occurrences.flatMap((occurrence) =>
      (['before', 'after'] as const).map((when) => ({ step, when, occurrence })),
    ),
  );
}

/** Stops a process at a point for ever: nothing that would have come after it happens, as with SIGKILL. */
export function killAt(point: CrashPoint) {
  const killed = Promise.withResolvers<'killed'>();
  const never = new Promise<never>(() => undefined);
  let seen = 0;
  const aroundStep: StepRunner = async (step, work) => {
    if (step !== point.step) return await work();
    seen += 1;
    if (seen !== point.occurrence) return await work();
    if (point.when === 'after') await work();
    killed.resolve('killed');
    return await never;
  };
  return { aroundStep, killed: killed.promise };
}

/** Delivers what the stream holds behind the checkpoint, batch by batch; ends when there is nothing left, or killed. */
export async function drain(
  world: World,
  process: Pick<Runtime, 'consume'>,
  options: { readonly batchSize: number; readonly killed?: Promise<'killed'> },
): Promise<'drained' | 'killed'> {
  const checkpoints = createCheckpoints({ items: world.stores.items });
  for (const shardId of await world.stores.stream.shards()) {
    for (;;) {
      const after = await checkpoints.load(shardId);
      const range = { shardId, limit: options.batchSize, ...(after === undefined ? {} : { after }) };
      const records = await world.stores.stream.read(range);
      if (records.length === 0) break;
      const delivery = process.consume(toKinesisEvent(records));
      const response = await (options.killed === undefined
        ? delivery
        : Promise.race([delivery, options.killed]));
      if (response === 'killed') return 'killed';
      const [failed] = response.batchItemFailures.map((failure) => failure.itemIdentifier);
      const handled = failed === undefined ? records.length : indexOf(records, failed);
      const last = records[handled - 1];
      if (last !== undefined) await checkpoints.save(shardId, last.sequenceNumber);
      if (failed !== undefined) world.clock.advance(1_000);
    }
  }
  return 'drained';
}

function indexOf(records: readonly StreamRecord[], sequenceNumber: string): number {
  return records.findIndex((record) => record.sequenceNumber === sequenceNumber);
}

export async function send(
  process: Pick<Runtime, 'ingest' | 'api'>,
  secret: string,
  events: readonly (Omit<TraceEvent, 'properties'> & { readonly properties: object })[],
): Promise<Answered> {
  return await call(process, { method: 'POST', path: '/v1/events', secret, body: { events } });
}

/** Each customer's totals as a client reads them. */
export async function readTotals(
  process: Pick<Runtime, 'ingest' | 'api'>,
  secret: string,
): Promise<Readonly<Record<string, Totals>>> {
  const totals: Record<string, Record<string, unknown>> = {};
  for (const meter of METERS) {
    const range = 'from=2023-11-16T00:00:00Z&to=2023-11-17T00:00:00Z&groupBy=customer';
    const path = `/v1/meters/${meter.key}/usage?${range}`;
    const { body } = await call(process, { method: 'GET', path, secret });
    for (const customer of CUSTOMERS) {
      const row = body.data.find(
        ({ dimensions }) => (dimensions as Record<string, string>).customer === customer,
      );
      totals[customer] = { ...totals[customer], [meter.key]: row?.value ?? null };
    }
  }
  return totals as unknown as Readonly<Record<string, Totals>>;
}
