import { TABLES } from '../../contracts/names.ts';
import type { ChunkPlan, PlannedPart } from '../../domain/metering/chunk-plan.ts';
import { ANALYTICS_TABLES, type AnalyticsTable, type RowsByTable } from '../../domain/metering/rows.ts';
import { monthPartition } from '../../kernel/time.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { laneStates } from '../fences/tenant-lanes.ts';
import type { ChunkRecord } from '../records/chunk.ts';
import { type ParkedPart, parkedKey, parkedToItem } from '../records/parked-part.ts';
import { mayStillStart, recordSplit } from './chunk-state.ts';
import type { ConsumeDeps } from './consume-deps.ts';
import { type Block, type InsertOutcome, insertBlock } from './insert-part.ts';
import { markHoursDirty } from './mark-dirty.ts';
import type { ConsumeStep } from './steps.ts';

const STEP_OF: Record<AnalyticsTable, ConsumeStep> = {
  events: 'insert_events',
  usage: 'insert_usage',
  resends: 'insert_resends',
  quarantine: 'insert_quarantine',
  changes: 'insert_changes',
};

/**
 * Brings all parts of a plan into analytics. Stops at the first that cannot go in now; one that the store refuses
 * is split by tenant and the refused tenants' rows are parked, so that nobody else waits for them.
 */
export async function insertPlan(
  deps: ConsumeDeps,
  input: { readonly record: ChunkRecord; readonly plan: ChunkPlan; readonly untouched: boolean },
): Promise<{ readonly record: ChunkRecord; readonly stopped: unknown | null }> {
  let { record } = input;
  for (const table of ANALYTICS_TABLES) {
    for (const part of input.plan.parts.filter((candidate) => candidate.table === table)) {
      const outcome = await deps.runStep(STEP_OF[table], async () => {
        const inserted = await insertPartOrSplit(deps, { ...input, record, part });
        record = inserted.record;
        return inserted.outcome;
      });
      if (outcome.kind === 'stopped') return { record, stopped: outcome.reason };
    }
  }
  return { record, stopped: null };
}

interface PartInput {
  readonly record: ChunkRecord;
  readonly plan: ChunkPlan;
  readonly part: PlannedPart;
  readonly untouched: boolean;
}

async function insertPartOrSplit(deps: ConsumeDeps, input: PartInput) {
  const { record, part } = input;
  const name = `${part.table}/${part.partition}`;
  if (!record.splitParts.includes(name)) {
    const whole = wholeBlock(input.plan, part);
    const outcome = await insert(deps, input, whole, input.untouched);
    if (outcome.kind !== 'refused') return { record, outcome };
    await dirty(deps, whole);
    // Only an emptied part is recorded as split: from then on each tenant's rows are looked for alone.
    await deps.analytics.removePart(whole.address);
  }
  const split = record.splitParts.includes(name) ? record : await recordSplit(deps.items, record, name);
  for (const block of tenantBlocks(input.plan, part)) {
    // Parked by an earlier execution: from then on it is the sweeper's, and nobody else waits for it.
    if (await isParked(deps.items, block)) continue;
    const outcome = await insert(deps, { ...input, record: split }, block, false);
    if (outcome.kind === 'stopped') return { record: split, outcome };
    if (outcome.kind === 'refused') await park(deps, input.plan, block, outcome.reason);
  }
  return { record: split, outcome: { kind: 'done' } as const };
}

async function insert(
  deps: ConsumeDeps,
  input: PartInput,
  block: Block,
  untouched: boolean,
): Promise<InsertOutcome> {
  return await insertBlock(
    {
      analytics: deps.analytics,
      clock: deps.clock,
      markDirty: () => dirty(deps, block),
      mayStart: () => mayStillStart(deps.clock, input.record),
    },
    block,
    { untouched, execution: input.record.executions },
  );
}

async function dirty(deps: ConsumeDeps, block: Block): Promise<void> {
  if (block.address.table !== 'usage') return;
  await markHoursDirty(deps.items, block.rows as readonly RowsByTable['usage'][]);
}

async function isParked(items: ItemStore, { address }: Block): Promise<boolean> {
  const { tenant = '', ...part } = address;
  const key = parkedKey({ tenant, ...part });
  return (await items.get({ table: TABLES.main, key })) !== undefined;
}

/** The chunk is still open, so what has passed in the tenant's lanes lies before all its rows. */
async function park(deps: ConsumeDeps, plan: ChunkPlan, block: Block, reason: string): Promise<void> {
  const { tenant = '', table, partition } = block.address;
  const states = await laneStates(deps.items, tenant);
  const part: ParkedPart = {
    tenant,
    chunk: plan.chunk,
    table,
    partition,
    rows: block.rows.length,
    reason: reason.slice(0, 1000),
    parkedAtMs: deps.clock.nowMs(),
    watermarkMs: Math.min(...states.map(({ passedTimeMs }) => passedTimeMs)),
  };
  await deps.items.put({ table: TABLES.main, item: parkedToItem(part) });
}

function wholeBlock(plan: ChunkPlan, part: PlannedPart): Block {
  const { table, partition, fingerprint } = part;
  return { address: { table, partition, chunk: plan.chunk }, rows: rowsOf(plan, part), fingerprint };
}

/** A part's rows, tenant by tenant. */
export function tenantBlocks(plan: ChunkPlan, part: Pick<PlannedPart, 'table' | 'partition'>): Block[] {
  const { table, partition } = part;
  return [...Map.groupBy(rowsOf(plan, part), (row) => row.tenant)].map(([tenant, rows]) => ({
    address: { table, partition, chunk: plan.chunk, tenant },
    rows,
    fingerprint: rows.reduce((xor, row) => xor ^ BigInt(row.rowHash), 0n).toString(),
  }));
}

function rowsOf(plan: ChunkPlan, part: Pick<PlannedPart, 'table' | 'partition'>) {
  const rows: readonly RowsByTable[AnalyticsTable][] = plan.rows[part.table];
  return rows.filter((row) => monthPartition(row.timeMs) === part.partition);
}
