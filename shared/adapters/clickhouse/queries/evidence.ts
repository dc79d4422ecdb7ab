import { z } from 'zod';
import { assert } from '../../../kernel/assert.ts';
import { decimal, decimalText } from '../../../kernel/decimal.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { AnalyticsReader, EvidenceQuery, EvidenceRow } from '../../../ports/analytics.ts';
import { boundInstant, integerColumn } from '../columns.ts';
import { createParams, type Params } from '../params.ts';
import type { Querier } from '../querier.ts';
import { lineCondition } from './line-rows.ts';

const evidenceRow = z.object({
  source: z.string(),
  id: z.string(),
  timeMs: integerColumn,
  quantity: z.string().transform((text) => decimalText(decimal(text))),
  uniqueKey: z.string(),
  dimensions: z.string(),
  meterVersion: z.int(),
  sign: z.literal([1, -1]),
  fence: integerColumn,
}) satisfies z.ZodType<EvidenceRow>;

/** Which rows is a line of an invoice made of? */
export function readEvidence(querier: Querier): AnalyticsReader['evidence'] {
  return async (query) => {
    assert(
      query.limit > 0 && query.limit <= LIMITS.evidencePageRows,
      'a page of evidence is 1 to 10,000 rows',
    );
    const params = createParams();
    // The inner order is that of the table, so a page reads no more than itself; ties are rows of one position.
    const sql = `SELECT source, id, toUnixTimestamp64Milli(time) AS timeMs, toString(quantity) AS quantity,
        unique_key AS uniqueKey, dimensions, meter_version AS meterVersion, sign, fence
      FROM (SELECT * FROM usage WHERE ${pageCondition(params, query)}
        ORDER BY time, source, id LIMIT ${params.bind('UInt32', query.limit)} WITH TIES)
      ORDER BY time, source, id, fence, revision, sign, chunk, row_hash`;
    return await querier.ask({ sql, params: params.values, row: evidenceRow });
  };
}

function pageCondition(params: Params, query: EvidenceQuery): string {
  const { after, customer } = query;
  const asked = { ...query, generation: 0, customers: [customer] };
  if (after === undefined) return lineCondition(params, asked);
  // Tuples alone would not narrow down what is read.
  const rest = lineCondition(params, { ...asked, fromMs: Math.max(query.fromMs, after.timeMs) });
  const source = params.bind('String', after.source);
  const id = params.bind('String', after.id);
  return `${rest} AND (time, source, id) > (${boundInstant(params, after.timeMs)}, ${source}, ${id})`;
}
