import { assert } from '../../../kernel/assert.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { CustomerSpan, LineRowsQuery, MeterLine } from '../../../ports/analytics.ts';
import { boundInstant } from '../columns.ts';
import type { Params } from '../params.ts';
import { dimension, IS_ROW } from './usage-rows.ts';

export function assertLineRows({ lines, spans }: LineRowsQuery): void {
  assert(lines.length > 0 && lines.length <= LIMITS.snapshotLines, 'a question is of 1 to 100 lines');
  assert(spans.length > 0 && spans.length <= LIMITS.snapshotCustomers, 'a question is of 1 to 1,000 spans');
}

interface LineRows {
  /** What rows are selected from, conditions and all; `more` are further ones on columns of the order. */
  from(...more: readonly string[]): string;
  /** The place of a row's span. */
  readonly span: string;
}

/**
 * Every row that one of the lines counts in a span, once for each such span. Of a meter whose lines ask for different values
 * there are rows of no line among them: a condition for each line takes longer than reading these.
 */
export function lineRows(params: Params, { tenant, lines, spans, belowFence }: LineRowsQuery): LineRows {
  const bindAll = (texts: Iterable<string>) => params.bind('Array(String)', [...new Set(texts)]);
  const cheap = [
    `tenant = ${params.bind('String', tenant)}`,
    `meter IN ${bindAll(lines.map(({ meter }) => meter))}`,
    IS_ROW,
    `customer IN ${bindAll(spans.map(({ customer }) => customer))}`,
    `time >= ${boundInstant(params, Math.min(...spans.map(({ fromMs }) => fromMs)))}`,
    `time < ${boundInstant(params, Math.max(...spans.map(({ toMs }) => toMs)))}`,
  ];
  if (belowFence !== null) cheap.push(`fence < ${params.bind('Int64', belowFence)}`);
  const isOne = spans.length === 1;
  const table = isOne
    ? 'usage'
    : `usage INNER JOIN ${spanTable(params, spans)} ON usage.customer = span_customer`;
  const dear = filterConditions(params, lines);
  const within = 'toUnixTimestamp64Milli(time) >= span_from AND toUnixTimestamp64Milli(time) < span_to';
  const where = [...dear, ...(isOne ? [] : [within])].map((one) => ` AND ${one}`).join('');
  return {
    // Most rows of the stretches that the order of the table finds are of others: only those that are left are looked into.
    from: (...more) => `${table} PREWHERE ${[...cheap, ...more].join(' AND ')} WHERE true${where}`,
    span: isOne ? '0' : 'span_place',
  };
}

/** None where some line takes all rows of its meter and no other condition is left. */
function filterConditions(params: Params, lines: readonly MeterLine[]): readonly string[] {
  const byMeter = [...Map.groupBy(lines, ({ meter }) => meter)].map(([meter, ofMeter]) => {
    return { meter, asked: valuesAsked(ofMeter) };
  });
  const alike = [...Map.groupBy(byMeter, ({ asked }) => JSON.stringify(asked)).values()];
  if (alike.length === 1 && alike[0]?.[0]?.asked.length === 0) return [];
  const terms = alike.map((members) => {
    const meters = params.bind(
      'Array(String)',
      members.map(({ meter }) => meter),
    );
    const filters = (members[0]?.asked ?? []).map(
      ([name, values]) => `${dimension(params, name)} IN ${params.bind('Array(String)', values)}`,
    );
    return [`meter IN ${meters}`, ...filters].join(' AND ');
  });
  return [terms.length === 1 ? (terms[0] ?? '') : `(${terms.map((term) => `(${term})`).join(' OR ')})`];
}

/** The dimensions that all lines of a meter filter by, with all values that one of them asks for. */
function valuesAsked(lines: readonly MeterLine[]): readonly (readonly [string, readonly string[]])[] {
  const [first, ...others] = lines;
  return Object.keys(first?.filters ?? {})
    .sort()
    .filter((name) => others.every(({ filters }) => filters[name] !== undefined))
    .map((name) => {
      const values = new Set(lines.flatMap(({ filters }) => filters[name] ?? []));
      return [name, [...values].sort()] as const;
    });
}

function spanTable(params: Params, spans: readonly CustomerSpan[]): string {
  const customers = params.bind(
    'Array(String)',
    spans.map(({ customer }) => customer),
  );
  const bindInstants = (instants: readonly number[]) => params.bind('Array(Int64)', instants);
  const starts = bindInstants(spans.map(({ fromMs }) => fromMs));
  const ends = bindInstants(spans.map(({ toMs }) => toMs));
  return `(
      SELECT item.1 AS span_customer, item.2 AS span_from, item.3 AS span_to, item.4 AS span_place
      FROM (SELECT arrayJoin(arrayZip(${customers}, ${starts}, ${ends}, range(length(${customers})))) AS item)
    ) AS spans`;
}
