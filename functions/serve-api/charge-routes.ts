import { z } from 'zod';
import { listCharges } from '../../shared/app/pricing/list-charges.ts';
import { chargesJson } from '../../shared/app/pricing/show-charges.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { ok } from '../../shared/kernel/result.ts';
import { type Binding, bind, tenantOf } from '../_kit/call.ts';
import { cursorsOf } from '../_kit/cursor.ts';
import type { ServeApiDeps } from './deps.ts';
import { instantOrNull } from './wire.ts';

const position = z.strictObject({ subscription: z.string(), segmentStartMs: z.int(), charge: z.string() });

export function chargeRoutes(deps: ServeApiDeps): readonly Binding[] {
  return [
    bind(ROUTES.listCustomerCharges, async (call) => {
      const { cursor, limit = LIMITS.pageSizeDefault } = call.query;
      const { operationId } = ROUTES.listCustomerCharges;
      const { key: customer } = call.params;
      const cursors = cursorsOf({ operationId, query: { customer }, position });
      const after = cursor === undefined ? ok(undefined) : cursors.decode(cursor);
      if (!after.ok) return after;
      const found = await listCharges(deps)({
        tenant: tenantOf(call).key,
        customer,
        limit: Number(limit),
        ...(after.value === undefined ? {} : { after: after.value }),
      });
      if (!found.ok) return found;
      const { next, completeThroughMs } = found.value;
      const body = {
        data: chargesJson(found.value),
        nextCursor: next === null ? null : cursors.encode(next),
        completeThrough: instantOrNull(completeThroughMs),
      };
      return ok({ status: 200, body });
    }),
  ];
}
