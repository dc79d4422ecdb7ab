import { ExecutionError, type RunOptions } from 'aws-local-stepfunctions';
import type { ExecutionName, ExecutionRecord } from '../../shared/app/records/execution.ts';
import { defined } from '../../shared/kernel/assert.ts';
import type { JsonValue } from '../../shared/kernel/canonical-json.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { PreparedMachine } from './prepare-machine.ts';
import { assertMapItems, carried } from './state-data.ts';

const ARN_OF_EXECUTIONS = 'arn:aws:states:us-east-1:000000000000:execution';

/** What a Lambda function is to a state machine. Its input is `{step, execution, item}`; it answers JSON. */
export type TaskFunction = (input: JsonValue) => Promise<unknown>;

export interface RunDeps {
  readonly clock: Clock;
  readonly tasks: Readonly<Record<string, TaskFunction>>;
  /** Between tries of a state, ms; without it, what the machine says. */
  readonly retryPauseMs?: number;
  /** Told of every failed try of a Task, also of those that are tried again. */
  readonly onError: (where: ExecutionName & { readonly state?: string }, error: unknown) => void;
}

export type Outcome = Pick<ExecutionRecord, 'status' | 'output' | 'error'>;

type Handlers = NonNullable<NonNullable<RunOptions['overrides']>['taskResourceLocalHandlers']>;

/**
 * Runs an execution from its first state to its end. Undefined when `halt` aborted meanwhile: no Task starts after
 * that, and `track` knows those that still run.
 */
export async function runExecution(
  deps: RunDeps,
  input: {
    readonly prepared: PreparedMachine;
    readonly record: ExecutionRecord;
    readonly halt: AbortSignal;
    readonly track: <T>(task: Promise<T>) => Promise<T>;
  },
): Promise<Outcome | undefined> {
  const { prepared, record, halt } = input;
  const { machine, name } = record;
  const run = prepared.machine.run(record.input as never, {
    context: { Execution: { Id: `${ARN_OF_EXECUTIONS}:${machine}:${name}`, Name: name } },
    overrides: {
      taskResourceLocalHandlers: handlersOf(deps, input),
      ...(deps.retryPauseMs !== undefined && {
        retryIntervalOverrides: pausesOf(prepared, deps.retryPauseMs),
      }),
    },
  });
  halt.addEventListener('abort', run.abort, { once: true });
  const discarded = discard(run.eventLogs);
  try {
    return { status: 'succeeded', output: carried(await run.result), error: null };
  } catch (thrown) {
    if (halt.aborted) return undefined;
    return failed(thrown instanceof ExecutionError ? thrown.cause : thrown);
  } finally {
    halt.removeEventListener('abort', run.abort);
    await discarded;
  }
}

function handlersOf(
  deps: RunDeps,
  input: {
    readonly prepared: PreparedMachine;
    readonly record: ExecutionRecord;
    readonly halt: AbortSignal;
    readonly track: <T>(task: Promise<T>) => Promise<T>;
  },
): Handlers {
  const { prepared, record, halt, track } = input;
  const handlers: Handlers = {};
  for (const [state, ms] of prepared.waitsMs)
    handlers[state] = async () => {
      await deps.clock.sleep(ms, halt);
      return null;
    };
  for (const [state, itemsPath] of prepared.guards)
    handlers[state] = (data) => {
      carried(data);
      if (itemsPath !== undefined) assertMapItems(data, itemsPath);
      return null;
    };
  for (const [state, name] of prepared.functions) {
    const run = defined(deps.tasks[name], `the function ${name}`);
    handlers[state] = async (payload) => {
      // The library tries a failed state once more when it is aborted in the pause before.
      if (halt.aborted) throw new Error('the execution was halted');
      try {
        return carried(await track(run(carried(payload)))) as never;
      } catch (thrown) {
        deps.onError({ machine: record.machine, name: record.name, state }, thrown);
        // The library reads the name of what was thrown.
        throw thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
      }
    };
  }
  return handlers;
}

function pausesOf(prepared: PreparedMachine, ms: number): Record<string, number> {
  return Object.fromEntries([...prepared.functions.keys()].map((state) => [state, ms]));
}

/** The library keeps a log of what happens until somebody reads it. */
async function discard(events: AsyncGenerator): Promise<void> {
  for await (const _event of events);
}

function failed(thrown: unknown): Outcome {
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const cause = message.slice(0, LIMITS.executionCauseLength).toWellFormed();
  return { status: 'failed', output: null, error: { name: name.slice(0, LIMITS.nameLength), cause } };
}
