import type { ItemStore } from '../../../shared/ports/item-store.ts';
import type { FaultKind } from '../faults/kinds.ts';
import type { SimulatedProcess } from '../processes/process.ts';
import type { Random } from '../random.ts';
import type { CallPort } from './port-call.ts';

const READ: readonly FaultKind[] = ['error_before', 'throttled', 'delay', 'crash_before'];
const TRANSACT: readonly FaultKind[] = [...READ, 'error_after', 'crash_after'];
/** A client that tries again on its own may write twice; a transaction carries a token against that. */
const WRITE: readonly FaultKind[] = [...TRANSACT, 'duplicate'];

/** Small items as a process reaches them. */
export function simulateItems(deps: {
  readonly call: CallPort;
  readonly process: SimulatedProcess;
  readonly items: ItemStore;
  readonly random: Random;
}): ItemStore {
  const { call, process, items, random } = deps;
  const port = 'items';
  return {
    get: (input) => call(process, { port, method: 'get', faults: READ, effect: () => items.get(input) }),
    getMany: (input) =>
      call(process, { port, method: 'getMany', faults: READ, effect: () => items.getMany(input) }),
    query: (input) =>
      call(process, {
        port,
        method: 'query',
        faults: [...READ, 'partial'],
        effect: () => items.query(input),
        // A page may end anywhere: by bytes, where items are large.
        variants: {
          partial: () => items.query({ ...input, limit: random.int(1, Math.min(3, input.limit)) }),
        },
      }),
    put: (input) => call(process, { port, method: 'put', faults: WRITE, effect: () => items.put(input) }),
    update: (input) =>
      call(process, { port, method: 'update', faults: WRITE, effect: () => items.update(input) }),
    delete: (input) =>
      call(process, { port, method: 'delete', faults: WRITE, effect: () => items.delete(input) }),
    transact: (operations) =>
      call(process, { port, method: 'transact', faults: TRANSACT, effect: () => items.transact(operations) }),
  };
}
