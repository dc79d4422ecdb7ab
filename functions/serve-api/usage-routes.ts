import type { UsageAnswer } from '../../shared/app/metering/query-usage.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { ok } from '../../shared/kernel/result.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import { type Binding, bind, tenantOf } from '../_kit/call.ts';
import { prefersCsv, toCsv } from '../_kit/csv.ts';
import type { Reply } from '../_kit/response.ts';
import type { ServeApiDeps } from './deps.ts';
import { instantOrNull } from './wire.ts';

export function usageRoutes(deps: ServeApiDeps): readonly Binding[] {
  return [
    bind(ROUTES.queryUsage, async (call) => {
      const { from, to, groupBy = [], filter = {}, limit, ...rest } = call.query;
      const answer = await deps.queryUsage({
        ...rest,
        tenant: tenantOf(call).key,
        meter: call.params.key,
        fromMs: from,
        toMs: to,
        groupBy,
        filters: filter,
        limit: limit === undefined ? LIMITS.usageRowsMax : Number(limit),
      });
      if (!answer.ok) return answer;
      return ok(prefersCsv(call.event) ? csvReply(answer.value, groupBy) : jsonReply(answer.value));
    }),
  ];
}

function jsonReply({ data, completeThroughMs, nextCursor }: UsageAnswer): Reply {
  const rows = data.map(({ fromMs, toMs, value, dimensions }) => ({
    from: formatInstant(fromMs),
    to: formatInstant(toMs),
    value,
    dimensions,
  }));
  return { status: 200, body: { data: rows, completeThrough: instantOrNull(completeThroughMs), nextCursor } };
}

/** What JSON says beside the rows goes into headers. */
function csvReply({ data, completeThroughMs, nextCursor }: UsageAnswer, groupBy: readonly string[]): Reply {
  const rows = data.map(({ fromMs, toMs, value, dimensions }) => [
    formatInstant(fromMs),
    formatInstant(toMs),
    value,
    ...groupBy.map((name) => dimensions[name] ?? null),
  ]);
  return {
    status: 200,
    text: {
      contentType: 'text/csv; charset=utf-8',
      content: toCsv(['from', 'to', 'value', ...groupBy], rows),
    },
    headers: {
      ...(completeThroughMs === null ? {} : { 'x-complete-through': formatInstant(completeThroughMs) }),
      ...(nextCursor === null ? {} : { 'x-next-cursor': nextCursor }),
    },
  };
}
