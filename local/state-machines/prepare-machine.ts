import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { type Block, type MachineDefinition, type State, statesOf } from './definition.ts';

const ARN_OF_FUNCTIONS = 'arn:aws:lambda:us-east-1:000000000000:function:';
/** Above the longest Wait; the library's own limit on a Task is one minute. */
const WAIT_TIMEOUT_SECONDS = 3_600;

/** A machine as the library runs it. */
export interface PreparedMachine {
  readonly machine: StateMachine;
  /** The function that each Task names, by the Task's state. */
  readonly functions: ReadonlyMap<string, string>;
  /** How long each Wait takes, by its state, ms. */
  readonly waitsMs: ReadonlyMap<string, number>;
}

/**
 * Readies a machine for the library, which validates it. Each Wait becomes a Task that changes nothing: the library
 * waits in real time, ours sleeps by the Clock. Throws when the definition is not a valid machine.
 */
export function prepareMachine(definition: MachineDefinition): PreparedMachine {
  const functions = new Map<string, string>();
  const waitsMs = new Map<string, number>();
  for (const [name, state] of statesOf(definition)) {
    if (state.Type === 'Task') functions.set(name, functionOf(state.Resource));
    if (state.Type === 'Wait') waitsMs.set(name, state.Seconds * 1_000);
  }
  const prepared = prepareBlock(definition) as unknown as StateMachineDefinition;
  return { machine: new StateMachine(prepared), functions, waitsMs };
}

/** `${RunInvoiceStep}` names `RunInvoiceStep`; when deployed, the token becomes that function's ARN. */
function functionOf(resource: string): string {
  return resource.slice(2, -1);
}

function prepareBlock<T extends Block>(block: T): T {
  const entries = Object.entries(block.States).map(([name, state]) => [name, prepareState(state)]);
  return { ...block, States: Object.fromEntries(entries) };
}

function prepareState(state: State): object {
  switch (state.Type) {
    case 'Task':
      return { ...state, Resource: `${ARN_OF_FUNCTIONS}${functionOf(state.Resource)}` };
    case 'Wait':
      return {
        Type: 'Task',
        Resource: `${ARN_OF_FUNCTIONS}Wait`,
        TimeoutSeconds: WAIT_TIMEOUT_SECONDS,
        ResultPath: null,
        Next: state.Next,
      };
    case 'Map':
      return { ...state, ItemProcessor: prepareBlock(state.ItemProcessor) };
    case 'Parallel':
      return { ...state, Branches: state.Branches.map(prepareBlock) };
    default:
      return state;
  }
}
