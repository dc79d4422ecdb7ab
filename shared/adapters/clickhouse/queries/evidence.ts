import { z } from 'zod';
import { compareUtf8 } from '../../../domain/metering/group-order.ts';
import { lineMatcher } from '../../../domain/metering/line-matcher.ts';
import { assert } from '../../../kernel/assert.ts';
import { canonicalDecimal } from '../../../kernel/decimal.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type {
  AnalyticsReader,
  EvidencePosition,
  EvidenceQuery,
  EvidenceRow,
} from '../../../ports/analytics.ts';
import { boundInstant, integerColumn } from '../columns.ts';
import { createParams, type Params } from '../params.ts';
import type { Querier } from '../querier.ts';
import { assertLineRows, lineRows } from './line-rows.ts';

const evidenceRow = z.object({
  meter: z.string(),
  customer: z.string(),
  source: z.string(),
  id: z.string(),
  timeMs: integerColumn,
  quantity: z.string().transform(canonicalDecimal),
  uniqueKey: z.string(),
  dimensions: z.string(),
  sign: z.literal([1, -1]),
}) satisfies z.ZodType<EvidenceRow>;

const ROW = `meter, customer, source, id, toUnixTimestamp64Milli(time) AS timeMs, toString(quantity) AS quantity,
  unique_key AS uniqueKey, dimensions, sign`;

/** The order is that of the table, so that a page of one line in one span reads no more than itself. */
const ORDER = 'meter, customer, time, source, id';
const COLUMNS = `${ORDER}, quantity, unique_key, dimensions, sign, fence, revision, chunk, row_hash`;

/** Which rows are lines of invoices made of? */
export function readEvidence(querier: Querier): AnalyticsReader['evidence'] {
  return async (query) => {
    assertLineRows(query);
    const { limit } = query;
    assert(limit > 0 && limit <= LIMITS.evidencePageRows, 'a page of evidence is 1 to 20,000 rows');
    const params = createParams();
    const asked = after(params, query);
    if (asked === null) return { rows: [], next: null };
    const { from } = lineRows(params, asked);
    // Ties are rows of one position.
    const pageOf = `ORDER BY ${ORDER} LIMIT ${params.bind('UInt32', limit)} WITH TIES`;
    const rowsOf = (generation: string) =>
      `SELECT ${COLUMNS} FROM ${from(generation, ...asked.position)} ${pageOf}`;
    // Of one generation the order is that of the table, so a page reads no more than itself. Rows of others than the first came
    // after their day was rebuilt, and are few.
    const sql = `SELECT ${ROW} FROM (
        SELECT * FROM (${rowsOf('generation = 0')} UNION ALL ${rowsOf('generation > 0')}) ${pageOf})
      ORDER BY ${ORDER}, fence, revision, sign, chunk, row_hash`;
    const found = await querier.ask({ sql, params: params.values, row: evidenceRow });
    const last = found.length < limit ? undefined : found.at(-1);
    const linesOf = lineMatcher(query.lines);
    const rows = found.filter((row) => linesOf(row).length > 0);
    return { rows, next: last === undefined ? null : positionOf(last) };
  };
}

/** What is left to ask behind the page before; null: nothing. */
function after(
  params: Params,
  query: EvidenceQuery,
): (EvidenceQuery & { readonly position: readonly string[] }) | null {
  const { after: last } = query;
  if (last === undefined) return { ...query, position: [] };
  const lines = query.lines.filter(({ meter }) => compareUtf8(meter, last.meter) >= 0);
  if (lines.length === 0) return null;
  // A condition on tuples alone would not narrow down what is read.
  const isOne = query.spans.length === 1 && lines.every(({ meter }) => meter === last.meter);
  const spans = query.spans.map((span) =>
    isOne && span.customer === last.customer ? { ...span, fromMs: Math.max(span.fromMs, last.timeMs) } : span,
  );
  const texts = [last.meter, last.customer, last.source, last.id].map((text) => params.bind('String', text));
  const [meter, customer, source, id] = texts;
  const instant = boundInstant(params, last.timeMs);
  const position = `(${ORDER}) > (${meter}, ${customer}, ${instant}, ${source}, ${id})`;
  return { ...query, lines, spans, position: [position] };
}

function positionOf({ meter, customer, timeMs, source, id }: EvidenceRow): EvidencePosition {
  return { meter, customer, timeMs, source, id };
}
