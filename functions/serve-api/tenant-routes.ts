import { requestSubLanes } from '../../shared/app/fences/raise-sub-lanes.ts';
import { readSubLanes } from '../../shared/app/fences/tenant-lanes.ts';
import type { TenantRecord } from '../../shared/app/records/tenant.ts';
import { archiveTenant } from '../../shared/app/tenants/archive-tenant.ts';
import { createTenant } from '../../shared/app/tenants/create-tenant.ts';
import { listTenants } from '../../shared/app/tenants/list-tenants.ts';
import { patchTenant } from '../../shared/app/tenants/patch-tenant.ts';
import { readTenant } from '../../shared/app/tenants/read-tenant.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { grants } from '../../shared/contracts/http/scopes.ts';
import { appError } from '../../shared/kernel/errors.ts';
import { err, ok } from '../../shared/kernel/result.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import { type Binding, bind, callerOf, replyOnce } from '../_kit/call.ts';
import { etagHeader } from '../_kit/etag.ts';
import { listReply } from '../_kit/list.ts';
import type { Reply } from '../_kit/response.ts';
import type { ServeApiDeps } from './deps.ts';
import { instantOrNull } from './wire.ts';

export function tenantRoutes(deps: ServeApiDeps): readonly Binding[] {
  return [
    bind(ROUTES.createTenant, (call) =>
      replyOnce({
        call,
        reply: (tenant: TenantRecord) => tenantReply(201, tenant),
        change: (alongside) => createTenant(deps)({ ...call.body, alongside }),
      }),
    ),
    bind(ROUTES.listTenants, ({ query }) =>
      listReply({
        operationId: ROUTES.listTenants.operationId,
        query,
        read: async (request) => ok(await listTenants(deps)(request)),
        toWire: tenantToWire,
      }),
    ),
    bind(ROUTES.getTenant, async (call) => {
      const { key } = call.params;
      const caller = callerOf(call);
      const mayRead = caller.tenant?.key === key || grants(caller.scopes, 'operator');
      const tenant = mayRead ? await readTenant(deps.items, key) : undefined;
      return tenant === undefined ? err(appError('tenant.not_found')) : ok(tenantReply(200, tenant));
    }),
    bind(ROUTES.patchTenant, async ({ params, body, ifMatch }) => {
      const patched = await patchTenant(deps)({ ...body, key: params.key, ifMatch });
      return patched.ok ? ok(tenantReply(200, patched.value)) : patched;
    }),
    bind(ROUTES.getSubLanes, async ({ params }) => {
      if ((await readTenant(deps.items, params.key)) === undefined) return err(appError('tenant.not_found'));
      return ok({ status: 200, body: subLanesToWire(await readSubLanes(deps.items, params.key)) });
    }),
    bind(ROUTES.raiseSubLanes, async ({ params, body }) => {
      const asked = await requestSubLanes(deps)({ tenant: params.key, count: body.count });
      return asked.ok ? ok({ status: 202, body: subLanesToWire(asked.value) }) : asked;
    }),
    bind(ROUTES.archiveTenant, (call) =>
      replyOnce({
        call,
        reply: (tenant: TenantRecord) => tenantReply(200, tenant),
        change: (alongside) => archiveTenant(deps)({ key: call.params.key, alongside }),
      }),
    ),
  ];
}

function tenantReply(status: number, tenant: TenantRecord): Reply {
  return { status, body: tenantToWire(tenant), headers: etagHeader(tenant.etag) };
}

function tenantToWire(tenant: TenantRecord) {
  const { key, name, mode, claims, metadata, limits } = tenant;
  const createdAt = formatInstant(tenant.createdAtMs);
  const archivedAt = instantOrNull(tenant.archivedAtMs);
  return { key, name, mode, claims, metadata, limits, createdAt, archivedAt };
}

function subLanesToWire({ count, pending }: { readonly count: number; readonly pending: number | null }) {
  return { inForce: count, pending };
}
