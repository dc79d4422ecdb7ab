import type { AnalyticsTable, RowsByTable } from '../../domain/metering/rows.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { AnalyticsPart, AnalyticsWriter, PartAddress } from '../../ports/analytics.ts';
import type { Clock } from '../../ports/clock.ts';
import { StoreError } from '../../ports/store-error.ts';

const ENDED_POLLS = 40;
const ENDED_PAUSE_MS = 250;

/** Rows that must be in analytics exactly once: of a whole part, or of one tenant in it. */
export interface Block {
  readonly address: PartAddress;
  readonly rows: readonly RowsByTable[AnalyticsTable][];
  /** XOR of the rows' hashes, decimal. */
  readonly fingerprint: string;
}

export interface InsertDeps {
  readonly analytics: AnalyticsWriter;
  readonly clock: Clock;
  /** Called before anything happens that may leave rollups unlike their rows. */
  readonly markDirty: () => Promise<void>;
  /** False once another executor may have taken the chunk over. */
  readonly mayStart: () => boolean;
}

export type InsertOutcome =
  | { readonly kind: 'done' }
  /** The store saw the rows and refuses them, every time. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Not now: unreachable, out of time, or an earlier statement still runs. */
  | { readonly kind: 'stopped'; readonly reason: unknown };

/**
 * Brings a block in exactly once. `untouched` says that no insert of it was ever begun, so that its own token is
 * new. In every other case the token proves nothing (a crash can leave it recorded and the rows absent): the table is
 * asked what it holds, and what is missing goes in under a new token.
 */
export async function insertBlock(
  deps: InsertDeps,
  block: Block,
  options: {
    readonly untouched: boolean;
    /** Of its own, so that no token is used twice. */
    readonly execution: number | string;
    /** How often a block that the store refuses is tried; LIMITS.partAttempts when absent. */
    readonly attempts?: number;
  },
): Promise<InsertOutcome> {
  const base = tokenOf(block);
  const state = { isMarked: false };
  let refusal: string | undefined;
  for (let attempt = 1; attempt <= (options.attempts ?? LIMITS.partAttempts); attempt += 1) {
    const isFirst = attempt === 1 && options.untouched;
    try {
      if (!isFirst && (await isComplete(deps, block, state))) return { kind: 'done' };
      if (!deps.mayStart()) return { kind: 'stopped', reason: 'the time of this execution is over' };
      await deps.analytics.insert(toPart(block, isFirst ? base : `${base}/${options.execution}.${attempt}`));
      return { kind: 'done' };
    } catch (thrown) {
      if (!(thrown instanceof StoreError)) throw thrown;
      if (thrown.outcome === 'not_done') return { kind: 'stopped', reason: thrown };
      refusal = thrown.outcome === 'refused' ? thrown.message : undefined;
    }
  }
  return refusal === undefined
    ? { kind: 'stopped', reason: 'no try gave a known outcome' }
    : { kind: 'refused', reason: refusal };
}

/** Whether the table holds the block; what is there in any other shape than whole is removed. */
async function isComplete(deps: InsertDeps, block: Block, state: { isMarked: boolean }): Promise<boolean> {
  // Before looking: a part that is not completed under its first token may have been counted by some views only.
  if (!state.isMarked) await deps.markDirty();
  state.isMarked = true;
  await untilEnded(deps, tokenOf(block));
  const found = await deps.analytics.partContents(block.address);
  if (found.rows === block.rows.length && found.fingerprint === block.fingerprint) return true;
  if (found.rows > 0) await deps.analytics.removePart(block.address);
  return false;
}

async function untilEnded(deps: InsertDeps, token: string): Promise<void> {
  for (let poll = 1; poll <= ENDED_POLLS; poll += 1) {
    if (await deps.analytics.hasEnded(token)) return;
    await deps.clock.sleep(ENDED_PAUSE_MS);
  }
  const message = `the earlier insert ${token} still runs`;
  throw new StoreError({ message, outcome: 'not_done', reason: 'timeout' });
}

function tokenOf({ address }: Block): string {
  const whole = `${address.chunk}/${address.table}/${address.partition}`;
  return address.tenant === undefined ? whole : `${whole}/t/${encodeURIComponent(address.tenant)}`;
}

function toPart(block: Block, token: string): AnalyticsPart {
  const { table, partition } = block.address;
  // The rows were taken from the plan's list for this very table.
  return { table, partition, token, rows: block.rows } as AnalyticsPart;
}
