import { z } from 'zod';
import type { PricedRow } from '../../../domain/invoicing/priced-row.ts';
import { assert } from '../../../kernel/assert.ts';
import { decimal, decimalText } from '../../../kernel/decimal.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { AnalyticsReader, PricedQuery } from '../../../ports/analytics.ts';
import { boundInstant, integerColumn } from '../columns.ts';
import { createParams, type Params } from '../params.ts';
import type { Querier } from '../querier.ts';

const decimalColumn = z.string().transform((text) => decimalText(decimal(text)));

const pricedRow = z.object({
  tenant: z.string(),
  customer: z.string(),
  subscription: z.string(),
  plan: z.string(),
  charge: z.string(),
  planVersion: z.int(),
  segmentStartMs: integerColumn,
  segmentEndMs: integerColumn,
  periodStartMs: integerColumn,
  periodEndMs: integerColumn,
  quantity: decimalColumn,
  unit: z.string().transform((text) => (text === '' ? null : text)),
  amount: decimalColumn,
  currency: z.string(),
  meterVersion: z.int().transform((version) => (version === 0 ? null : version)),
  fence: integerColumn,
  pricedAtMs: integerColumn,
  inForce: z.boolean(),
}) satisfies z.ZodType<PricedRow>;

const INSTANTS = ['segment_start', 'segment_end', 'period_start', 'period_end', 'priced_at'];
const NAMES = ['segmentStartMs', 'segmentEndMs', 'periodStartMs', 'periodEndMs', 'pricedAtMs'];
const TIMES = INSTANTS.map((column, index) => `toUnixTimestamp64Milli(${column}) AS ${NAMES[index]}`);

/** What is each charge of some customers worth by now? `FINAL`: of one key the row that stands, merged or not. */
export function readPriced(querier: Querier): AnalyticsReader['priced'] {
  return async (query) => {
    const { customers, limit } = query;
    assert(
      customers.length > 0 && customers.length <= LIMITS.snapshotCustomers,
      'amounts of 1 to 1,000 customers',
    );
    assert(limit > 0 && limit <= LIMITS.pricedRows, 'a page of amounts is 1 to 10,000 rows');
    const params = createParams();
    const sql = `SELECT tenant, customer, subscription, plan, charge, plan_version AS planVersion, ${TIMES.join(', ')},
        toString(quantity) AS quantity, unit, toString(amount) AS amount, currency, meter_version AS meterVersion,
        fence, in_force AS inForce
      FROM priced FINAL WHERE ${condition(params, query)}
      ORDER BY customer, subscription, segment_start, charge, plan_version
      LIMIT ${params.bind('UInt32', limit)}`;
    return await querier.ask({ sql, params: params.values, row: pricedRow });
  };
}

function condition(params: Params, { tenant, customers, fromMs, toMs, after }: PricedQuery): string {
  const found = [
    `tenant = ${params.bind('String', tenant)}`,
    `customer IN ${params.bind('Array(String)', customers)}`,
    `segment_start >= ${boundInstant(params, fromMs)}`,
    `segment_start < ${boundInstant(params, toMs)}`,
    'in_force',
  ];
  if (after !== undefined) {
    const { customer, subscription, segmentStartMs, charge, planVersion } = after;
    const position = [
      params.bind('String', customer),
      params.bind('String', subscription),
      boundInstant(params, segmentStartMs),
      params.bind('String', charge),
      params.bind('UInt32', planVersion),
    ];
    const columns = '(customer, subscription, segment_start, charge, plan_version)';
    found.push(`customer >= ${position[0]}`, `${columns} > (${position.join(', ')})`);
  }
  return found.join(' AND ');
}
