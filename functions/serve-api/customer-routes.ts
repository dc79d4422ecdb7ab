import { archiveCustomer } from '../../shared/app/customers/archive-customer.ts';
import { createCustomer } from '../../shared/app/customers/create-customer.ts';
import { patchCustomer } from '../../shared/app/customers/patch-customer.ts';
import { listCustomers, readCustomer } from '../../shared/app/customers/read-customer.ts';
import type { CustomerRecord } from '../../shared/app/records/customer.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { ok } from '../../shared/kernel/result.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import { type Binding, bind, replyOnce, tenantOf } from '../_kit/call.ts';
import { etagHeader } from '../_kit/etag.ts';
import { listReply } from '../_kit/list.ts';
import type { Reply } from '../_kit/response.ts';
import type { ServeApiDeps } from './deps.ts';
import { instantOrNull } from './wire.ts';

export function customerRoutes(deps: ServeApiDeps): readonly Binding[] {
  return [
    bind(ROUTES.createCustomer, (call) =>
      replyOnce({
        call,
        reply: (customer: CustomerRecord) => customerReply(201, customer),
        change: (alongside) => createCustomer(deps)({ ...call.body, tenant: tenantOf(call), alongside }),
      }),
    ),
    bind(ROUTES.listCustomers, (call) => {
      const tenant = tenantOf(call).key;
      return listReply({
        operationId: ROUTES.listCustomers.operationId,
        query: call.query,
        read: async (request) => ok(await listCustomers(deps)({ ...request, tenant })),
        toWire: customerToWire,
      });
    }),
    bind(ROUTES.getCustomer, async (call) => {
      const found = await readCustomer({
        items: deps.items,
        tenant: tenantOf(call).key,
        key: call.params.key,
      });
      return found.ok ? ok(customerReply(200, found.value)) : found;
    }),
    bind(ROUTES.patchCustomer, async (call) => {
      const { params, ifMatch, body: changes } = call;
      const tenant = tenantOf(call).key;
      const patched = await patchCustomer(deps)({ tenant, key: params.key, ifMatch, changes });
      return patched.ok ? ok(customerReply(200, patched.value)) : patched;
    }),
    bind(ROUTES.archiveCustomer, (call) =>
      replyOnce({
        call,
        reply: (customer: CustomerRecord) => customerReply(200, customer),
        change: (alongside) =>
          archiveCustomer(deps)({ tenant: tenantOf(call), key: call.params.key, alongside }),
      }),
    ),
  ];
}

function customerReply(status: number, customer: CustomerRecord): Reply {
  return { status, body: customerToWire(customer), headers: etagHeader(customer.etag) };
}

function customerToWire(record: CustomerRecord) {
  const { key, name, currency, timeZone, subjects, metadata, createdAtMs, archivedAtMs } = record;
  const createdAt = formatInstant(createdAtMs);
  return {
    key,
    name,
    currency,
    timeZone,
    subjects,
    metadata,
    createdAt,
    archivedAt: instantOrNull(archivedAtMs),
  };
}
