import type {
  EventStream,
  PutRecordResult,
  ReadableStream,
  StreamRecordInput,
} from '../../../shared/ports/event-stream.ts';
import type { FaultKind } from '../faults/kinds.ts';
import type { SimulatedProcess } from '../processes/process.ts';
import type { Random } from '../random.ts';
import type { CallPort } from './port-call.ts';

const PUT: readonly FaultKind[] = [
  'error_before',
  'error_after',
  'throttled',
  'delay',
  'duplicate',
  'partial',
  'crash_before',
  'crash_after',
];
const READ: readonly FaultKind[] = ['error_before', 'throttled', 'delay', 'partial', 'crash_before'];

/** The stream as a process reaches it. */
export function simulateStream(deps: {
  readonly call: CallPort;
  readonly process: SimulatedProcess;
  readonly stream: EventStream & ReadableStream;
  readonly random: Random;
  /** Told where records of one call changed places: Kinesis promises no order among them. */
  readonly onReorder: () => void;
}): EventStream & ReadableStream {
  const { call, process, stream, random, onReorder } = deps;
  const put = (records: readonly StreamRecordInput[]) =>
    putInAnyOrder({ stream, random, onReorder }, records);
  return {
    putRecords: (records) =>
      call(process, {
        port: 'stream_put',
        method: 'putRecords',
        faults: PUT,
        effect: () => put(records),
        variants: {
          partial: () => putSome({ random, put, code: 'internal' }, records),
          throttled: () => putSome({ random, put, code: 'throttled' }, records),
        },
      }),
    shards: () =>
      call(process, { port: 'stream_read', method: 'shards', faults: [], effect: () => stream.shards() }),
    read: (input) =>
      call(process, {
        port: 'stream_read',
        method: 'read',
        faults: READ,
        effect: () => stream.read(input),
        variants: {
          partial: () => stream.read({ ...input, limit: random.int(1, Math.min(3, input.limit)) }),
        },
      }),
  };
}

async function putInAnyOrder(
  deps: { readonly stream: EventStream; readonly random: Random; readonly onReorder: () => void },
  records: readonly StreamRecordInput[],
): Promise<readonly PutRecordResult[]> {
  const { stream, random, onReorder } = deps;
  if (records.length < 2 || !random.chance(0.2)) return await stream.putRecords(records);
  onReorder();
  const order = random.shuffle([...records.keys()]);
  const mixed = order.flatMap((index) => records[index] ?? []);
  const written = await stream.putRecords(mixed);
  return records.map((_, index) => written[order.indexOf(index)] ?? { ok: false, code: 'internal' });
}

/** At least one record fails; one that failed inside may have been written all the same. */
async function putSome(
  deps: {
    readonly random: Random;
    readonly put: (records: readonly StreamRecordInput[]) => Promise<readonly PutRecordResult[]>;
    readonly code: 'throttled' | 'internal';
  },
  records: readonly StreamRecordInput[],
): Promise<readonly PutRecordResult[]> {
  const { random, put, code } = deps;
  const failing = new Set(records.filter(() => random.chance(0.5)));
  if (failing.size === 0) failing.add(random.pick(records));
  const isWritten = (record: StreamRecordInput) =>
    !failing.has(record) || (code === 'internal' && random.chance(0.3));
  const sent = records.filter(isWritten);
  const results = sent.length === 0 ? [] : await put(sent);
  return records.map((record) => {
    const result = results[sent.indexOf(record)];
    return failing.has(record) || result === undefined ? { ok: false, code } : result;
  });
}
