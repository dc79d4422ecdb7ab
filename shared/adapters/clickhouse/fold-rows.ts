import type { ClickHouseClient } from '@clickhouse/client';
import type { AnalyticsWriter, FoldQuery } from '../../ports/analytics.ts';
import { createParams, type Params } from './params.ts';
import { foldCondition } from './queries/fold-totals.ts';
import { toStoreError } from './store-errors.ts';

/** Only the rows of events that lost some are netted: to do it for all would hold each of them in memory. */
const CONTENT = 'meter_version, customer, dimensions, time, source, id, quantity, unique_key';

/**
 * Beyond every fence and revision, in no chunk: what asks for rows of a snapshot or a plan would not find them even where it
 * forgot that they are folded.
 */
const NEVER = 'toUInt64(18446744073709551615)';

/**
 * In the statement itself: on an embedded connection settings outlive theirs. Not deduplicated, for the log may know a block
 * without its rows; two rows of the same event and content are two.
 */
const FOLD_SETTINGS = `SETTINGS insert_deduplicate = 0, deduplicate_insert = 'disable',
    deduplicate_insert_select = 'disable', deduplicate_blocks_in_dependent_materialized_views = 0,
    insert_deduplication_token = '', materialized_views_ignore_errors = 0, max_insert_threads = 1,
    max_threads = 1, max_memory_usage = 1073741824, max_execution_time = 60`;

export function foldRows(client: ClickHouseClient): AnalyticsWriter['fold'] {
  return async (input) => {
    const params = createParams();
    const query = foldStatement(params, input);
    const comment = `fold/${input.tenant}/${input.meter}/${input.generation}/${input.fromMs}`;
    try {
      await client.command({
        query,
        query_params: { ...params.values },
        clickhouse_settings: { log_comment: comment },
      });
    } catch (thrown) {
      throw toStoreError(thrown, `the statement ${comment} failed`);
    }
  };
}

function foldStatement(params: Params, input: FoldQuery & { readonly generation: number }): string {
  const condition = foldCondition(params, input);
  const takenBack = `(SELECT source, id FROM usage WHERE ${condition} AND sign = -1)`;
  return `INSERT INTO usage (tenant, chunk, fence, revision, row_hash, meter, generation, sign, folded, ${CONTENT})
    SELECT ${params.bind('String', input.tenant)}, '', ${NEVER}, ${NEVER}, 0, ${params.bind('String', input.meter)},
      ${params.bind('UInt32', input.generation)}, 1, 1, ${CONTENT}
    FROM (SELECT ${CONTENT} FROM usage
        WHERE ${condition} AND sign = 1 AND (source, id) NOT IN ${takenBack}
      UNION ALL SELECT ${CONTENT} FROM (SELECT ${CONTENT}, sum(toInt64(sign)) AS n FROM usage
          WHERE ${condition} AND (source, id) IN ${takenBack} GROUP BY ${CONTENT} HAVING n > 0)
        ARRAY JOIN range(toUInt64(n)) AS copy)
    ${FOLD_SETTINGS}`;
}
