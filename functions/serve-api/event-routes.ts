import { z } from 'zod';
import { listConflicts } from '../../shared/app/journey/list-conflicts.ts';
import { readJourney } from '../../shared/app/journey/read-journey.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { ok } from '../../shared/kernel/result.ts';
import { type Binding, bind, tenantOf } from '../_kit/call.ts';
import { rowsReply } from '../_kit/list.ts';
import type { ServeApiDeps } from './deps.ts';
import { conflictToWire, eventToWire, journeyToWire, quarantineToWire } from './event-wire.ts';

const eventPosition = z.strictObject({ timeMs: z.int(), source: z.string(), id: z.string() });
const receivedPosition = z.strictObject({ receivedAtMs: z.int(), key: z.string() });

export function eventRoutes(deps: ServeApiDeps): readonly Binding[] {
  const { analytics } = deps;
  return [
    bind(ROUTES.listEvents, (call) => {
      const { limit: _limit, cursor: _cursor, from: fromMs, to: toMs, ...filters } = call.query;
      const range = { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) };
      const tenant = tenantOf(call).key;
      return rowsReply({
        operationId: ROUTES.listEvents.operationId,
        query: call.query,
        position: eventPosition,
        read: (request) => analytics.events({ tenant, ...filters, ...range, ...request }),
        positionOf: ({ timeMs, source, id }) => ({ timeMs, source, id }),
        toWire: eventToWire,
      });
    }),
    bind(ROUTES.getEvent, async (call) => {
      const { source } = call.query;
      const identity = { tenant: tenantOf(call).key, id: call.params.id };
      const journey = await readJourney(deps)({ ...identity, ...(source === undefined ? {} : { source }) });
      return journey.ok ? ok({ status: 200, body: journeyToWire(journey.value) }) : journey;
    }),
    bind(ROUTES.listQuarantine, (call) => {
      const { limit: _limit, cursor: _cursor, ...filters } = call.query;
      const tenant = tenantOf(call).key;
      return rowsReply({
        operationId: ROUTES.listQuarantine.operationId,
        query: call.query,
        position: receivedPosition,
        read: (request) => analytics.quarantine({ tenant, ...filters, ...request }),
        positionOf: ({ receivedAtMs, entry, meter }) => ({ receivedAtMs, key: `${entry}/${meter}` }),
        toWire: quarantineToWire,
      });
    }),
    bind(ROUTES.listConflicts, (call) => {
      const { limit: _limit, cursor: _cursor, ...filters } = call.query;
      const tenant = tenantOf(call).key;
      return rowsReply({
        operationId: ROUTES.listConflicts.operationId,
        query: call.query,
        position: receivedPosition,
        read: (request) => listConflicts(deps)({ tenant, ...filters, ...request }),
        positionOf: ({ conflict: { receivedAtMs, source, id, chunk } }) => ({
          receivedAtMs,
          key: `${source}/${id}/${chunk}`,
        }),
        toWire: conflictToWire,
      });
    }),
  ];
}
