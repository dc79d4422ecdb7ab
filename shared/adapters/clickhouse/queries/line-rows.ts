import type { LineRowsQuery } from '../../../ports/analytics.ts';
import { boundInstant } from '../columns.ts';
import type { Params } from '../params.ts';
import { meterConditions } from './usage-rows.ts';

type LineRows = LineRowsQuery & { readonly generation: number; readonly customers: readonly string[] };

/** The condition on rows of `usage` that are part of a snapshot. */
export function lineCondition(params: Params, asked: LineRows): string {
  const found = [
    ...meterConditions(params, asked),
    `customer IN ${params.bind('Array(String)', asked.customers)}`,
    `time >= ${boundInstant(params, asked.fromMs)}`,
    `time < ${boundInstant(params, asked.toMs)}`,
  ];
  if (asked.belowFence !== null) found.push(`fence < ${params.bind('Int64', asked.belowFence)}`);
  return found.join(' AND ');
}
