import type { ExecutionName, ExecutionRecord } from '../../shared/app/records/execution.ts';
import { assert, defined } from '../../shared/kernel/assert.ts';
import { canonicalJson, type JsonValue } from '../../shared/kernel/canonical-json.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';
import { StoreError } from '../../shared/ports/store-error.ts';
import type { MachineDefinition } from './definition.ts';
import { createExecutions, type Executions } from './executions.ts';
import { type PreparedMachine, prepareMachine } from './prepare-machine.ts';
import { type RunDeps, runExecution } from './run-execution.ts';

const NAME = new RegExp(`^[A-Za-z0-9_-]{1,${LIMITS.executionNameLength}}$`);
const RETRY_PAUSE_MS = 100;
const RETRY_PAUSE_MAX_MS = 5_000;

export type StartRefused =
  /** An execution of this name has another input. */
  | { readonly kind: 'input_differs'; readonly existing: ExecutionRecord }
  | { readonly kind: 'too_many_open' }
  | { readonly kind: 'stopping' };

/** Step Functions for one process: executions are durable, and start again from their first state after a restart. */
export interface StateMachineRunner {
  /** Durable when it resolves. A name runs once: a second start answers what the first one's execution has become. */
  start(input: ExecutionName & { readonly input: JsonValue }): Promise<Result<ExecutionRecord, StartRefused>>;
  get(execution: ExecutionName): Promise<ExecutionRecord | undefined>;
  /** Starts every unfinished execution again; once, before anything else is started. */
  resume(): Promise<void>;
  /** Resolves when no execution runs or waits. */
  idle(): Promise<void>;
  /** No Task starts any more; resolves when those in flight have ended. What is unfinished stays so. */
  stop(): Promise<void>;
}

type Deps = RunDeps & {
  readonly items: ItemStore;
  readonly machines: ReadonlyMap<string, MachineDefinition>;
  /** Told of every execution that has ended, once that is durable. */
  readonly onEnded?: (ended: ExecutionRecord) => void;
};

/** Throws when a machine names a function that is not among the tasks. */
export function createStateMachineRunner(deps: Deps): StateMachineRunner {
  const executions = createExecutions(deps);
  const machines = prepareAll(deps);
  const workers = createWorkers(deps, executions, machines);

  return {
    start: async ({ machine, name, input }) => {
      assert(machines.has(machine), `there is no machine ${machine}`);
      assert(NAME.test(name), 'a name of an execution has 1 to 80 letters, digits, - and _');
      const text = canonicalJson(input);
      assert(Buffer.byteLength(text) <= LIMITS.executionInputBytes, 'the input of an execution is too large');
      if (workers.stopping()) return err({ kind: 'stopping' });
      const known = await executions.get({ machine, name });
      if (known === undefined && workers.size() >= LIMITS.executionsOpen)
        return err({ kind: 'too_many_open' });
      const record = known ?? (await addOrGet(executions, newRecord(deps, { machine, name, input })));
      if (canonicalJson(record.input) !== text) return err({ kind: 'input_differs', existing: record });
      if (record.status === 'running') workers.launch({ machine, name });
      return ok(record);
    },
    get: executions.get,
    resume: async () => {
      for await (const execution of executions.open()) {
        if (machines.has(execution.machine)) workers.launch(execution);
        else deps.onError(execution, new Error('there is no such machine any more'));
      }
    },
    idle: workers.idle,
    stop: workers.stop,
  };
}

function prepareAll(deps: Deps): ReadonlyMap<string, PreparedMachine> {
  const prepared = new Map<string, PreparedMachine>();
  for (const [name, definition] of deps.machines) {
    const machine = prepareMachine(definition);
    for (const task of machine.functions.values())
      defined(deps.tasks[task], `the function ${task} of ${name}`);
    prepared.set(name, machine);
  }
  return prepared;
}

function newRecord(deps: Deps, input: ExecutionName & { readonly input: JsonValue }): ExecutionRecord {
  return {
    ...input,
    status: 'running',
    startedAtMs: deps.clock.nowMs(),
    endedAtMs: null,
    output: null,
    error: null,
  };
}

async function addOrGet(executions: Executions, record: ExecutionRecord): Promise<ExecutionRecord> {
  if (await executions.add(record)) return record;
  return defined(await executions.get(record), 'the execution that stood in the way');
}

interface Workers {
  launch(execution: ExecutionName): void;
  size(): number;
  stopping(): boolean;
  idle(): Promise<void>;
  stop(): Promise<void>;
}

function createWorkers(
  deps: Deps,
  executions: Executions,
  machines: ReadonlyMap<string, PreparedMachine>,
): Workers {
  const halt = new AbortController();
  const waiting = new Map<string, ExecutionName>();
  const working = new Map<string, Promise<void>>();
  const tasks = new Set<Promise<unknown>>();

  const track = <T>(task: Promise<T>): Promise<T> => {
    const tracked = task.finally(() => tasks.delete(tracked));
    tasks.add(tracked);
    return tracked;
  };
  const work = async (execution: ExecutionName) => {
    // Read once more: it may have ended between the launcher's read and this one.
    const record = await persisted(deps, halt.signal, execution, () => executions.get(execution));
    if (record?.status !== 'running' || halt.signal.aborted) return;
    const prepared = defined(machines.get(record.machine), 'the machine of an execution');
    const outcome = await runExecution(deps, { prepared, record, halt: halt.signal, track });
    if (outcome === undefined) return;
    const closed = { ...record, ...outcome, endedAtMs: deps.clock.nowMs() };
    await persisted(deps, halt.signal, execution, () => executions.close(closed));
    if (!halt.signal.aborted) deps.onEnded?.(closed);
  };
  const pump = () => {
    for (const [key, execution] of waiting) {
      if (halt.signal.aborted || working.size >= LIMITS.executionsInFlight) return;
      waiting.delete(key);
      const done = work(execution)
        .catch((thrown) => deps.onError(execution, thrown))
        .finally(() => {
          working.delete(key);
          pump();
        });
      working.set(key, done);
    }
  };
  const idle = async () => {
    while (working.size > 0) await Promise.all(working.values());
  };

  return {
    launch: (execution) => {
      const key = `${execution.machine}#${execution.name}`;
      if (working.has(key) || waiting.has(key)) return;
      waiting.set(key, execution);
      pump();
    },
    size: () => working.size + waiting.size,
    stopping: () => halt.signal.aborted,
    idle,
    stop: async () => {
      halt.abort();
      await Promise.allSettled(tasks);
      await idle();
    },
  };
}

/** Asks the store until it answers. Undefined when the runner stops before: what is open is run again. */
async function persisted<T>(
  deps: Deps,
  halt: AbortSignal,
  execution: ExecutionName,
  operation: () => Promise<T>,
): Promise<T | undefined> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await operation();
    } catch (thrown) {
      if (!(thrown instanceof StoreError)) throw thrown;
      deps.onError(execution, thrown);
      await deps.clock.sleep(Math.min(RETRY_PAUSE_MS * 2 ** attempt, RETRY_PAUSE_MAX_MS), halt);
      if (halt.aborted) return undefined;
    }
  }
}
