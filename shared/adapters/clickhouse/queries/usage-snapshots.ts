import { z } from 'zod';
import type {
  AnalyticsReader,
  CustomerSpan,
  SnapshotLine,
  UsageSnapshot,
  UsageSnapshotQuery,
} from '../../../ports/analytics.ts';
import { boundInstant } from '../columns.ts';
import { createParams, type Params } from '../params.ts';
import type { Querier } from '../querier.ts';
import { aggregateOf, isAdditive, valueExpression } from './aggregates.ts';
import { assertLineRows } from './line-rows.ts';
import { IS_ROW, meterConditions, standingRows } from './usage-rows.ts';
import { readTotals } from './usage-totals.ts';

const snapshotRow = z.object({
  customer: z.string(),
  count: z.string(),
  value: z.string(),
  meterVersion: z.int(),
});

/** What has each line in each span, going by the rows below a fence? From the rows: rollups do not know fences. */
export function readUsageSnapshots(querier: Querier): AnalyticsReader['snapshotUsage'] {
  return async (query) => {
    assertLineRows(query);
    const found: UsageSnapshot[] = [];
    const lines = query.lines.map((line, place) => ({ ...line, line: place }));
    const adding = lines.filter(({ aggregation }) => isAdditive(aggregation));
    const alike = Map.groupBy(adding, ({ filters }) => JSON.stringify(Object.keys(filters).sort()));
    for (const group of alike.values()) found.push(...(await readTotals(querier, query, group)));
    for (const line of lines) {
      if (!isAdditive(line.aggregation)) found.push(...(await readChosen(querier, query, line)));
    }
    return found.sort((left, right) => left.line - right.line || left.span - right.span);
  };
}

/** What a line has that is made from single rows, one statement for each stretch of time. */
async function readChosen(
  querier: Querier,
  query: UsageSnapshotQuery,
  { line, ...asked }: SnapshotLine & { readonly line: number },
): Promise<readonly UsageSnapshot[]> {
  const numbered = query.spans.map((span, index) => ({ ...span, span: index }));
  const stretches = Map.groupBy(numbered, ({ fromMs, toMs }) => `${fromMs}#${toMs}`);
  const found: UsageSnapshot[] = [];
  for (const spans of stretches.values()) {
    const answers = await readStretch(querier, { query, asked, spans });
    const byCustomer = new Map(answers.map(({ customer, ...answer }) => [customer, answer]));
    for (const { customer, span } of spans) {
      const answer = byCustomer.get(customer);
      if (answer !== undefined) found.push({ line, span, ...answer });
    }
  }
  return found;
}

async function readStretch(
  querier: Querier,
  input: {
    readonly query: UsageSnapshotQuery;
    readonly asked: SnapshotLine;
    readonly spans: readonly CustomerSpan[];
  },
) {
  const { aggregation } = input.asked;
  const params = createParams();
  const sql = `SELECT customer, toString(sum(n)) AS count, ${valueExpression(aggregation)} AS value,
      max(version) AS meterVersion
    FROM (${standing(stretchCondition(params, input))}) GROUP BY customer ORDER BY customer`;
  const found = await querier.ask({ sql, params: params.values, row: snapshotRow });
  return found.map(({ customer, count, value, meterVersion }) => {
    return { customer, ...aggregateOf(aggregation, { count, value }), meterVersion };
  });
}

function stretchCondition(
  params: Params,
  { query, asked, spans }: Parameters<typeof readStretch>[1],
): string {
  const { tenant, belowFence } = query;
  const [first] = spans;
  const found = [
    ...meterConditions(params, { ...asked, tenant }),
    IS_ROW,
    `customer IN ${params.bind(
      'Array(String)',
      spans.map(({ customer }) => customer),
    )}`,
    `time >= ${boundInstant(params, first?.fromMs ?? 0)}`,
    `time < ${boundInstant(params, first?.toMs ?? 0)}`,
  ];
  if (belowFence !== null) found.push(`fence < ${params.bind('Int64', belowFence)}`);
  return found.join(' AND ');
}

/** Rows that stand, each with the greatest version that does. */
function standing(condition: string): string {
  const counts = 'sumMap([meter_version], [toInt64(sign)])';
  return standingRows({
    condition,
    columns: ', customer',
    single: ', meter_version AS version',
    netted: `, arrayMax(arrayFilter((version, net) -> net > 0, ${counts}.1, ${counts}.2)) AS version`,
  });
}
