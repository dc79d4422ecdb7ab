import { assert } from '../../kernel/assert.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { UsageRow } from '../metering/rows.ts';
import type { EvidenceEvent } from './evidence-records.ts';

/** Further ones are read each time. */
const DIMENSIONS_KNOWN = 1_000;

/** A row of usage as far as evidence shows it, and whether it counts or takes back what another row counted. */
export type SignedRow = Pick<
  UsageRow,
  'source' | 'id' | 'timeMs' | 'quantity' | 'uniqueKey' | 'dimensions' | 'sign'
>;

/**
 * The events that stand after what was taken back, in the order of the rows. All rows of an event at one time come
 * together: what takes a row back is exactly like it but for its sign. Throws where an event would count twice.
 */
export function standingEvents(
  rows: readonly SignedRow[],
  of: { readonly meter: string; readonly customer: string },
): readonly EvidenceEvent[] {
  const toEvent = eventMaker(of);
  if (rows.every((row, index) => row.sign === 1 && !isOneEvent(rows[index - 1], row)))
    return rows.map(toEvent);
  const counts = new Map<string, { readonly row: SignedRow; count: number }>();
  for (const row of rows) {
    const { source, id, timeMs, quantity, uniqueKey, dimensions } = row;
    const key = JSON.stringify([source, id, timeMs, quantity, uniqueKey, dimensions]);
    const counted = counts.get(key) ?? { row, count: 0 };
    counted.count += row.sign;
    counts.set(key, counted);
  }
  return [...counts.values()].flatMap(({ row, count }) => {
    assert(count === 0 || count === 1, 'an event counts once, or was taken back');
    return count === 0 ? [] : [toEvent(row)];
  });
}

function isOneEvent(left: SignedRow | undefined, right: SignedRow): boolean {
  return (
    left !== undefined && left.timeMs === right.timeMs && left.id === right.id && left.source === right.source
  );
}

/** Dimensions are few beside the events that have them: each text is read once. */
function eventMaker({ meter, customer }: { readonly meter: string; readonly customer: string }) {
  const known = new Map<string, EvidenceEvent['dimensions']>();
  return ({ source, id, timeMs, quantity, uniqueKey, dimensions: text }: SignedRow): EvidenceEvent => {
    const dimensions = known.get(text) ?? JSON.parse(text);
    if (known.size < DIMENSIONS_KNOWN) known.set(text, dimensions);
    const time = formatInstant(timeMs);
    // In the order of canonical JSON, which makes its text fast.
    return { customer, dimensions, id, kind: 'event', meter, quantity, source, time, uniqueKey };
  };
}
