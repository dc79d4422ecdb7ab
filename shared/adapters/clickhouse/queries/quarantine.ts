import { z } from 'zod';
import type { QuarantineRow } from '../../../domain/metering/rows.ts';
import type { ReceivedListQuery } from '../../../ports/analytics.ts';
import { createParams } from '../params.ts';
import type { Querier } from '../querier.ts';
import { ORIGIN_COLUMNS, originColumns, TIME_COLUMNS, timeColumns } from './event-columns.ts';
import { receivedPage } from './received-rows.ts';

const quarantineRow = z.object({
  ...originColumns,
  entry: z.string(),
  meter: z.string(),
  source: z.string(),
  id: z.string(),
  customer: z.string(),
  type: z.string(),
  ...timeColumns,
  code: z.string(),
  message: z.string(),
  content: z.string(),
}) satisfies z.ZodType<QuarantineRow>;

/** What was taken in but could not be counted, newest first? The key of a position is `<entry>/<meter>`. */
export function readQuarantine(
  querier: Querier,
): (
  query: ReceivedListQuery & { readonly meter?: string; readonly id?: string },
) => Promise<readonly QuarantineRow[]> {
  return async (query) => {
    const params = createParams();
    const { conditions, tail } = receivedPage(params, query, `concat(entry, '/', meter)`);
    const found = [...conditions];
    if (query.meter !== undefined) found.push(`meter = ${params.bind('String', query.meter)}`);
    if (query.id !== undefined) found.push(`id = ${params.bind('String', query.id)}`);
    const sql = `SELECT ${ORIGIN_COLUMNS}, entry, meter, source, id, customer, type, ${TIME_COLUMNS}, code, message,
        content
      FROM quarantine WHERE ${found.join(' AND ')} ${tail}`;
    return await querier.ask({ sql, params: params.values, row: quarantineRow });
  };
}
