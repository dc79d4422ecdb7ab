import type { ReceivedListQuery } from '../../../ports/analytics.ts';
import { boundInstant } from '../columns.ts';
import type { Params } from '../params.ts';

/** Conditions and order of a list by receive time, newest first; `key` tells rows of one instant apart. */
export function receivedPage(
  params: Params,
  query: ReceivedListQuery,
  key: string,
): { readonly conditions: readonly string[]; readonly tail: string } {
  const conditions = [`tenant = ${params.bind('String', query.tenant)}`];
  if (query.after !== undefined) {
    const receivedAt = boundInstant(params, query.after.receivedAtMs);
    conditions.push(`(received_at, ${key}) < (${receivedAt}, ${params.bind('String', query.after.key)})`);
  }
  const limit = params.bind('UInt32', query.limit);
  // One row a position: the same record that came in two chunks is one entry.
  const tail = `ORDER BY received_at DESC, ${key} DESC, chunk LIMIT 1 BY received_at, ${key} LIMIT ${limit}`;
  return { conditions, tail };
}
