import { z } from 'zod';
import { sendCorrection } from '../../shared/app/corrections/send-correction.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { ok, type Result } from '../../shared/kernel/result.ts';
import { type Binding, bind, type Call, tenantOf } from '../_kit/call.ts';
import { rowsReply } from '../_kit/list.ts';
import type { Reply } from '../_kit/response.ts';
import type { ServeApiDeps } from './deps.ts';
import { changeToWire } from './event-wire.ts';

const position = z.strictObject({ receivedAtMs: z.int(), key: z.string() });

export function correctionRoutes(deps: ServeApiDeps): readonly Binding[] {
  return [
    bind(ROUTES.revokeEvent, (call) => send(deps, call)),
    bind(ROUTES.amendEvent, (call) => send(deps, call, call.body.event)),
    bind(ROUTES.listCorrections, (call) => {
      const { limit: _limit, cursor: _cursor, ...filters } = call.query;
      const tenant = tenantOf(call).key;
      return rowsReply({
        operationId: ROUTES.listCorrections.operationId,
        query: call.query,
        position,
        read: (request) => deps.analytics.changes({ tenant, ...filters, ...request }),
        positionOf: (row) => ({
          receivedAtMs: row.timeMs,
          key: `${row.source}/${row.id}/${row.link}/${row.correction}/${row.fingerprint}`,
        }),
        toWire: changeToWire,
      });
    }),
  ];
}

async function send(
  deps: ServeApiDeps,
  call: Call<typeof ROUTES.revokeEvent> | Call<typeof ROUTES.amendEvent>,
  event?: object,
): Promise<Result<Reply>> {
  const { revision, reason, eventTime: eventTimeMs = null } = call.body;
  const sent = await sendCorrection(deps)({
    tenant: tenantOf(call),
    source: call.query.source ?? 'default',
    id: call.params.id,
    revision,
    reason,
    eventTimeMs,
    traceId: call.requestId,
    ...(event === undefined ? {} : { event }),
  });
  if (!sent.ok) return sent;
  const { source, id, action } = sent.value;
  return ok({ status: 202, body: { id, source, revision, action, status: 'accepted' } });
}
