import { archiveMeter } from '../../shared/app/meters/archive-meter.ts';
import { changeMeter } from '../../shared/app/meters/change-meter.ts';
import { createMeter } from '../../shared/app/meters/create-meter.ts';
import { listMeters, readMeter } from '../../shared/app/meters/read-meter.ts';
import type { MeterRecord } from '../../shared/app/records/meter.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { ok } from '../../shared/kernel/result.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import { type Binding, bind, replyOnce, tenantOf } from '../_kit/call.ts';
import { etagHeader } from '../_kit/etag.ts';
import { listReply } from '../_kit/list.ts';
import type { Reply } from '../_kit/response.ts';
import type { ServeApiDeps } from './deps.ts';
import { instantOrNull } from './wire.ts';

export function meterRoutes(deps: ServeApiDeps): readonly Binding[] {
  return [
    bind(ROUTES.createMeter, (call) => {
      const { eventType, aggregation, value = null, groupBy = {}, filter = null, ...rest } = call.body;
      const definition = { eventType, aggregation, value, groupBy, filter };
      return replyOnce({
        call,
        reply: (meter: MeterRecord) => meterReply(201, meter),
        change: (alongside) => createMeter(deps)({ ...rest, tenant: tenantOf(call), definition, alongside }),
      });
    }),
    bind(ROUTES.listMeters, (call) => {
      const tenant = tenantOf(call).key;
      return listReply({
        operationId: ROUTES.listMeters.operationId,
        query: call.query,
        read: async (request) => ok(await listMeters(deps)({ ...request, tenant })),
        toWire: meterToWire,
      });
    }),
    bind(ROUTES.getMeter, async (call) => {
      const found = await readMeter({ items: deps.items, tenant: tenantOf(call).key, key: call.params.key });
      return found.ok ? ok(meterReply(200, found.value)) : found;
    }),
    bind(ROUTES.patchMeter, async (call) => {
      const { key: _key, name, unit, metadata, ...definition } = call.body;
      const changed = await changeMeter(deps)({
        tenant: tenantOf(call).key,
        key: call.params.key,
        ifMatch: call.ifMatch,
        changes: {
          ...(name === undefined ? {} : { name }),
          ...(unit === undefined ? {} : { unit }),
          ...(metadata === undefined ? {} : { metadata }),
        },
        definition,
      });
      return changed.ok ? ok(meterReply(200, changed.value)) : changed;
    }),
    bind(ROUTES.archiveMeter, (call) =>
      replyOnce({
        call,
        reply: (meter: MeterRecord) => meterReply(200, meter),
        change: (alongside) =>
          archiveMeter(deps)({ tenant: tenantOf(call), key: call.params.key, alongside }),
      }),
    ),
  ];
}

function meterReply(status: number, meter: MeterRecord): Reply {
  return { status, body: meterToWire(meter), headers: etagHeader(meter.etag) };
}

function meterToWire(record: MeterRecord) {
  const { key, name, unit, metadata, definition, version, createdAtMs, archivedAtMs } = record;
  return {
    key,
    name,
    ...definition,
    unit,
    metadata,
    version,
    createdAt: formatInstant(createdAtMs),
    archivedAt: instantOrNull(archivedAtMs),
  };
}
