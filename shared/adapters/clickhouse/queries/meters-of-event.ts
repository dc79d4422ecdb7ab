import { z } from 'zod';
import { decimal, decimalText } from '../../../kernel/decimal.ts';
import type { AnalyticsReader } from '../../../ports/analytics.ts';
import { createParams } from '../params.ts';
import type { Querier } from '../querier.ts';
import { IS_ROW } from './usage-rows.ts';

const meterRow = z.object({
  meter: z.string(),
  quantity: z.string().transform((text) => decimalText(decimal(text))),
});

/** Which meters count an event, and how much? Rows that were taken back count no more. */
export function readMetersOfEvent(querier: Querier): AnalyticsReader['metersOfEvent'] {
  return async ({ tenant, source, id }) => {
    const params = createParams();
    const sql = `SELECT meter, toString(sum(toDecimal256(quantity, 12) * sign)) AS quantity FROM usage AS u
      WHERE tenant = ${params.bind('String', tenant)} AND id = ${params.bind('String', id)}
        AND source = ${params.bind('String', source)} AND ${IS_ROW}
      GROUP BY meter HAVING sum(toInt64(sign)) > 0 ORDER BY meter`;
    return await querier.ask({ sql, params: params.values, row: meterRow });
  };
}
