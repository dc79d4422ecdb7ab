import type { Lane } from '../../domain/events/lane.ts';
import type { StreamRecord } from '../../ports/event-stream.ts';
import { StoreError } from '../../ports/store-error.ts';
import { passFences } from '../fences/pass-fences.ts';
import { mayStillStart } from './chunk-state.ts';
import type { ConsumeDeps } from './consume-deps.ts';
import { decodeBatch } from './decode-batch.ts';
import { driveChunk, type Executed, executeChunk } from './execute-chunk.ts';
import { type Staged, stageBatch } from './stage-batch.ts';

/** What became of a batch, for metrics. */
export interface ConsumedBatch {
  readonly chunks: readonly string[];
  readonly events: number;
  /** Whether every chunk is. */
  readonly committed: boolean;
}

/**
 * Counts one batch of stream records. Returns once the batch is durably handled: a chunk that is staged but cannot
 * be finished now is left to the sweeper, and the stream moves on. Throws when nothing durable was done: the platform
 * then delivers the batch again, with other borders.
 */
export function consumeBatch(deps: ConsumeDeps) {
  return async (records: readonly StreamRecord[]): Promise<ConsumedBatch> => {
    const batch = await deps.runStep('decode', async () => decodeBatch(records));
    const staged = await stageBatch(deps, batch);
    const lanes = [...batch.fences, ...batch.envelopes, ...batch.pages].map(({ lane }) => lane);
    const owners = new Set<string>();
    let committed = true;
    for (const chunk of staged) {
      const executed = await execute(deps, chunk);
      if (executed.kind === 'committed') for (const owner of executed.owners) owners.add(owner);
      else committed = false;
    }
    await tryPassing(deps, lanes);
    if (owners.size > 0) await deps.runStep('drive_owners', () => driveOwners(deps, owners));
    const events = staged.reduce((sum, { chunk }) => sum + chunk.entries.length, 0);
    return { chunks: staged.map(({ record }) => record.chunk), events, committed };
  };
}

const CLAIM_PAUSE_MS = 200;
const CLAIM_PAUSE_MAX_MS = 5_000;

/**
 * After staging, no failure sends the batch back, for it would be staged again under another chunk: but for an outage that
 * leaves its claims open. The stream waits for those, or what is sent later would be counted in place of what was first.
 */
async function execute(deps: ConsumeDeps, { record, chunk }: Staged): Promise<Executed> {
  for (let tries = 1; ; tries += 1) {
    const executed = await executeOnce(deps, { record, chunk });
    if (executed.kind === 'committed') return executed;
    deps.onUnfinished(record.chunk, executed.reason);
    if (executed.claimed) return executed;
    await deps.clock.sleep(Math.min(CLAIM_PAUSE_MS * 2 ** tries, CLAIM_PAUSE_MAX_MS));
    if (!mayStillStart(deps.clock, record)) throw executed.reason;
  }
}

/** What is no outage comes again with every try: the sweeper keeps it, and the stream goes on. */
async function executeOnce(deps: ConsumeDeps, { record, chunk }: Staged): Promise<Executed> {
  try {
    return await executeChunk(deps, record, chunk.entries);
  } catch (thrown) {
    return { kind: 'unfinished', reason: thrown, claimed: true };
  }
}

/** Passing can always be done later, by the next batch or the sweeper. */
async function tryPassing(deps: ConsumeDeps, lanes: readonly Lane[]): Promise<void> {
  try {
    await deps.runStep('pass_fences', () => passFences(deps.items, lanes));
  } catch (thrown) {
    if (!(thrown instanceof StoreError)) throw thrown;
    deps.onUnfinished('', thrown);
  }
}

/** The client is waiting for what it sent again: drive its unfinished owners on, once each and not theirs. */
async function driveOwners(deps: ConsumeDeps, owners: ReadonlySet<string>): Promise<void> {
  for (const chunk of owners) await driveChunk(deps, chunk);
}
