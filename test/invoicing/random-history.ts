import fc from 'fast-check';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import { decimal, decimalText } from '../../shared/kernel/decimal.ts';
import {
  type BillingWorld,
  createBillingWorld,
  DECEMBER_MS,
  draft,
  finalize,
  JANUARY_MS,
  NOVEMBER_MS,
} from './billing-world.ts';
import { anyCharges, METERS } from './random-billing.ts';

const DAY_MS = 86_400_000;
const FEBRUARY_MS = Date.UTC(2024, 1, 1);
const CUSTOMERS = ['acme', 'globex'];

/** The closings, and the fence ahead of which the invoices of each are counted. */
export const CLOSINGS = [
  { atMs: DECEMBER_MS, fence: 2 },
  { atMs: JANUARY_MS, fence: 4 },
  { atMs: FEBRUARY_MS, fence: 6 },
] as const;
const LAST_STAGE = 4;

const quantity = fc.integer({ min: 0, max: 90_000 }).map((units) => decimalText(decimal(`${units}e-3`)));

/** An event of November or December, at which stage it arrives, and how it is taken back or changed later. */
const anyEvent = fc.record({
  meter: fc.constantFrom(...METERS),
  customer: fc.constantFrom(...CUSTOMERS),
  offsetMs: fc.integer({ min: 0, max: JANUARY_MS - NOVEMBER_MS - 1 }),
  quantity,
  uniqueKey: fc.constantFrom('a', 'b', 'é', '𝒳'),
  /** As many fences lie before it: 0 and 2 come before a draft, 1 and 3 in its grace, 4 after all. */
  stage: fc.nat(LAST_STAGE),
  correction: fc.option(fc.record({ later: fc.nat(LAST_STAGE), quantity: fc.option(quantity) })),
});

export const anyHistory = fc.record({
  charges: anyCharges,
  nextCharges: anyCharges,
  events: fc.array(anyEvent, { maxLength: 25 }),
});
export type History = Parameters<Parameters<typeof anyHistory.map>[0]>[0];

export type HistoryRow = Pick<
  UsageRow,
  | 'id'
  | 'source'
  | 'meter'
  | 'customer'
  | 'timeMs'
  | 'quantity'
  | 'uniqueKey'
  | 'dimensions'
  | 'sign'
  | 'fence'
>;

/** In the order of arrival. A correction takes the row back; what it puts in its place is a row like any other. */
export function rowsOf({ events }: History): readonly HistoryRow[] {
  const rows = events.flatMap((event, index): HistoryRow[] => {
    const { meter, customer, offsetMs, stage, correction } = event;
    const uniqueKey = meter === 'unique_count' ? event.uniqueKey : '';
    const at = { source: 'default', timeMs: NOVEMBER_MS + offsetMs, uniqueKey, dimensions: '{}' };
    const row = { ...at, id: `event-${index}`, meter, customer, quantity: event.quantity };
    const first: HistoryRow = { ...row, sign: 1, fence: stage };
    if (correction === null) return [first];
    const fence = Math.min(LAST_STAGE, stage + correction.later);
    const back: HistoryRow = { ...row, sign: -1, fence };
    const changed = correction.quantity;
    if (changed === null || changed === event.quantity) return [first, back];
    return [first, back, { ...row, quantity: changed, sign: 1, fence }];
  });
  return rows.toSorted((left, right) => left.fence - right.fence);
}

/** A batch of rows, inserted together. */
export type Batch = readonly HistoryRow[];

export interface Telling {
  /** What arrives when so many fences have been drawn. */
  readonly batchesAt: (stage: number) => readonly Batch[];
  readonly afterClosing?: (world: BillingWorld, closing: number) => Promise<void>;
}

/** Lives through the history: each month is drafted at its end and finalized a day later. */
export async function tell({ charges }: History, telling: Telling): Promise<BillingWorld> {
  const meters = Object.fromEntries(METERS.map((name) => [name, name]));
  const world = await createBillingWorld(charges, meters);
  for (const customer of CUSTOMERS) await world.subscribe(customer);
  for (const [index, { atMs }] of CLOSINGS.entries()) {
    await arrive(world, telling, 2 * index);
    await world.passFence(atMs);
    await draft(world.run, atMs);
    await arrive(world, telling, 2 * index + 1);
    await finalize(world.run, atMs + DAY_MS);
    await telling.afterClosing?.(world, index);
  }
  return world;
}

async function arrive(world: BillingWorld, { batchesAt }: Telling, stage: number): Promise<void> {
  for (const [index, batch] of batchesAt(stage).entries()) {
    const chunk = `${stage}-${index}`;
    if (batch.length > 0) await world.count(batch.map((row) => ({ ...row, chunk })));
  }
}
