import { assert } from '../../kernel/assert.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { UsageRow } from '../metering/rows.ts';
import type { EvidenceEvent } from './evidence-records.ts';

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
    return count === 0 ? [] : [toEvent(row, of)];
  });
}

function toEvent(
  { source, id, timeMs, quantity, uniqueKey, dimensions }: SignedRow,
  { meter, customer }: { readonly meter: string; readonly customer: string },
): EvidenceEvent {
  const time = formatInstant(timeMs);
  return {
    kind: 'event',
    source,
    id,
    time,
    quantity,
    uniqueKey,
    dimensions: JSON.parse(dimensions),
    meter,
    customer,
  };
}
