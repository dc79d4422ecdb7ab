import { Temporal } from 'temporal-polyfill';
import { assert } from '../../kernel/assert.ts';
import type { Period } from '../../kernel/period.ts';
import type { Segment } from '../subscriptions/segments.ts';

/**
 * The part of its whole period that a segment is. By milliseconds for `second`; for `day` by the dates of the time
 * zone that begin in it, so that the parts of a period's segments add up to the period. A period that no date begins
 * in (an hour) is divided by milliseconds.
 */
export function periodPart(input: {
  readonly segment: Segment;
  readonly proration: 'second' | 'day' | 'none';
  readonly timeZone: string;
}): { readonly numerator: bigint; readonly denominator: bigint } {
  const { segment, proration, timeZone } = input;
  const { full } = segment;
  assert(full.startMs <= segment.startMs && segment.endMs <= full.endMs, 'a segment lies in its period');
  if (proration === 'none') return { numerator: 1n, denominator: 1n };
  const wholeDays = proration === 'day' ? daysIn(full, timeZone) : 0;
  const [part, whole] =
    wholeDays > 0 ? [daysIn(segment, timeZone), wholeDays] : [lengthMs(segment), lengthMs(full)];
  return { numerator: BigInt(part), denominator: BigInt(whole) };
}

function lengthMs({ startMs, endMs }: Period): number {
  return endMs - startMs;
}

function daysIn({ startMs, endMs }: Period, timeZone: string): number {
  return dateOf(startMs, timeZone).until(dateOf(endMs, timeZone), { largestUnit: 'days' }).days;
}

function dateOf(instantMs: number, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(timeZone).toPlainDate();
}
