import { z } from 'zod';
import type { ResendRow } from '../../../domain/metering/rows.ts';
import type { ReceivedListQuery } from '../../../ports/analytics.ts';
import { createParams } from '../params.ts';
import type { Querier } from '../querier.ts';
import { ORIGIN_COLUMNS, originColumns, TIME_COLUMNS, timeColumns } from './event-columns.ts';
import { receivedPage } from './received-rows.ts';

const resendRow = z.object({
  ...originColumns,
  source: z.string(),
  id: z.string(),
  ownerChunk: z.string(),
  differs: z.boolean(),
  type: z.string(),
  customerReference: z.string(),
  ...timeColumns,
  timeSent: z.boolean(),
  properties: z.string(),
  fingerprint: z.string(),
  ownerFingerprint: z.string(),
}) satisfies z.ZodType<ResendRow>;

/** Which resends say something else than the first delivery, newest first? */
export function readConflicts(
  querier: Querier,
): (query: ReceivedListQuery & { readonly id?: string }) => Promise<readonly ResendRow[]> {
  return async (query) => {
    const params = createParams();
    const { conditions, tail } = receivedPage(params, query, `concat(chunk, '/', toString(row_hash))`);
    const found = [...conditions, 'differs'];
    if (query.id !== undefined) found.push(`id = ${params.bind('String', query.id)}`);
    const sql = `SELECT ${ORIGIN_COLUMNS}, source, id, owner_chunk AS ownerChunk, differs, type,
        customer_reference AS customerReference, ${TIME_COLUMNS}, time_sent AS timeSent, properties, fingerprint,
        owner_fingerprint AS ownerFingerprint
      FROM resends WHERE ${found.join(' AND ')} ${tail}`;
    return await querier.ask({ sql, params: params.values, row: resendRow });
  };
}
