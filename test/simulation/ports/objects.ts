import type { ObjectStore } from '../../../shared/ports/object-store.ts';
import type { FaultKind } from '../faults/kinds.ts';
import type { SimulatedProcess } from '../processes/process.ts';
import type { CallPort } from './port-call.ts';

const READ: readonly FaultKind[] = ['error_before', 'throttled', 'delay', 'crash_before'];
const WRITE: readonly FaultKind[] = [...READ, 'error_after', 'duplicate', 'crash_after'];

/** Objects as a process reaches them. A put-if-absent that is sent twice answers that there is one. */
export function simulateObjects(deps: {
  readonly call: CallPort;
  readonly process: SimulatedProcess;
  readonly objects: ObjectStore;
}): ObjectStore {
  const { call, process, objects } = deps;
  const port = 'objects';
  return {
    put: (input) => call(process, { port, method: 'put', faults: WRITE, effect: () => objects.put(input) }),
    get: (key) => call(process, { port, method: 'get', faults: READ, effect: () => objects.get(key) }),
    getRange: (input) =>
      call(process, { port, method: 'getRange', faults: READ, effect: () => objects.getRange(input) }),
    list: (input) => call(process, { port, method: 'list', faults: READ, effect: () => objects.list(input) }),
    delete: (key) =>
      call(process, { port, method: 'delete', faults: WRITE, effect: () => objects.delete(key) }),
  };
}
