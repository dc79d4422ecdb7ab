import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { type Block, type MachineDefinition, type MapState, type State, statesOf } from './definition.ts';

const ARN_OF_FUNCTIONS = 'arn:aws:lambda:us-east-1:000000000000:function:';
/** Above the longest Wait; without it the library ends a Task after one minute. */
const TIMEOUT_SECONDS = 3_600;

/** A machine as the library runs it. */
export interface PreparedMachine {
  readonly machine: StateMachine;
  /** The function that each Task names, by the Task's state. */
  readonly functions: ReadonlyMap<string, string>;
  /** How long each Wait takes, by its state, ms. */
  readonly waitsMs: ReadonlyMap<string, number>;
  /** States that only look at the data of the execution, and where the items of the Map after them are, if one is. */
  readonly guards: ReadonlyMap<string, string | undefined>;
}

/**
 * Readies a machine for the library, which knows no limits and waits in real time. Each Wait becomes a Task that changes
 * nothing, so that ours sleeps by the Clock; a Map gets a Task before and one after it, so that ours looks at its data.
 */
export function prepareMachine(definition: MachineDefinition): PreparedMachine {
  const functions = new Map<string, string>();
  const waitsMs = new Map<string, number>();
  const guards = new Map<string, string | undefined>();
  for (const [name, state] of statesOf(definition)) {
    if (state.Type === 'Task') functions.set(name, functionOf(state.Resource));
    if (state.Type === 'Wait') waitsMs.set(name, state.Seconds * 1_000);
    if (state.Type === 'Map') guards.set(name, state.ItemsPath).set(endOf(name), undefined);
  }
  const prepared = prepareBlock(definition) as unknown as StateMachineDefinition;
  // Its own check takes a quarter of a second, and a definition is known to be valid.
  const machine = new StateMachine(prepared, { validationOptions: { noValidate: true } });
  return { machine, functions, waitsMs, guards };
}

/** `${RunInvoiceStep}` names `RunInvoiceStep`; when deployed, the token becomes that function's ARN. */
function functionOf(resource: string): string {
  return resource.slice(2, -1);
}

/** Names that no state of a file can have. */
function bodyOf(map: string): string {
  return `${map}#body`;
}
function endOf(map: string): string {
  return `${map}#end`;
}

function prepareBlock<T extends Block>(block: T): T {
  const entries = Object.entries(block.States).flatMap(([name, state]) => prepareState(name, state));
  return { ...block, States: Object.fromEntries(entries) };
}

function prepareState(name: string, state: State): readonly (readonly [string, object])[] {
  switch (state.Type) {
    case 'Task':
      return [[name, { ...state, Resource: `${ARN_OF_FUNCTIONS}${functionOf(state.Resource)}` }]];
    case 'Wait':
      return [[name, { ...unchanged(), Next: state.Next }]];
    case 'Map':
      return prepareMap(name, state);
    case 'Parallel':
      return [[name, { ...state, Branches: state.Branches.map(prepareBlock) }]];
    default:
      return [[name, state]];
  }
}

function prepareMap(name: string, state: MapState): readonly (readonly [string, object])[] {
  const { Next, End, ...rest } = state;
  return [
    [name, { ...unchanged(), Next: bodyOf(name) }],
    [bodyOf(name), { ...rest, ItemProcessor: prepareBlock(state.ItemProcessor), Next: endOf(name) }],
    [endOf(name), { ...unchanged(), ...(Next === undefined ? { End } : { Next }) }],
  ];
}

/** A Task of ours that hands on what it was given. */
function unchanged(): object {
  return {
    Type: 'Task',
    Resource: `${ARN_OF_FUNCTIONS}Local`,
    TimeoutSeconds: TIMEOUT_SECONDS,
    ResultPath: null,
  };
}
