import { createPlanVersion } from '../../shared/app/plans/create-version.ts';
import { deletePlanVersion } from '../../shared/app/plans/delete-version.ts';
import { publishPlanVersion } from '../../shared/app/plans/publish-version.ts';
import { putPlanVersion } from '../../shared/app/plans/put-version.ts';
import { readPlanVersion } from '../../shared/app/plans/read-plan.ts';
import type { PlanVersionRecord } from '../../shared/app/records/plan-version.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { ok } from '../../shared/kernel/result.ts';
import { type Binding, bind, replyOnce, tenantOf } from '../_kit/call.ts';
import { etagHeader } from '../_kit/etag.ts';
import type { Reply } from '../_kit/response.ts';
import type { ServeApiDeps } from './deps.ts';
import { headToWire } from './plan-routes.ts';

export function planVersionRoutes(deps: ServeApiDeps): readonly Binding[] {
  return [
    bind(ROUTES.createPlanVersion, (call) =>
      replyOnce({
        call,
        reply: (version: PlanVersionRecord) => versionReply(201, version),
        change: (alongside) =>
          createPlanVersion(deps)({
            ...call.body,
            tenant: tenantOf(call),
            plan: call.params.key,
            alongside,
          }),
      }),
    ),
    bind(ROUTES.getPlanVersion, async (call) => {
      const tenant = tenantOf(call).key;
      const found = await readPlanVersion({ items: deps.items, tenant, ...nameOf(call.params) });
      return found.ok ? ok(versionReply(200, found.value)) : found;
    }),
    bind(ROUTES.putPlanVersion, async (call) => {
      const { params, ifMatch, body } = call;
      const tenant = tenantOf(call).key;
      const put = await putPlanVersion(deps)({ ...nameOf(params), tenant, ifMatch, charges: body.charges });
      return put.ok ? ok(versionReply(200, put.value)) : put;
    }),
    bind(ROUTES.publishPlanVersion, (call) => {
      const { effectiveFrom: effectiveFromMs, ...body } = call.body;
      return replyOnce({
        call,
        reply: (version: PlanVersionRecord) => versionReply(200, version),
        change: (alongside) =>
          publishPlanVersion(deps)({
            ...body,
            ...(effectiveFromMs === undefined ? {} : { effectiveFromMs }),
            ...nameOf(call.params),
            tenant: tenantOf(call),
            alongside,
          }),
      });
    }),
    bind(ROUTES.deletePlanVersion, async (call) => {
      const deleted = await deletePlanVersion(deps)({
        ...nameOf(call.params),
        tenant: tenantOf(call).key,
      });
      return deleted.ok ? ok({ status: 200, body: versionToWire(deleted.value) }) : deleted;
    }),
  ];
}

function nameOf(params: { readonly key: string; readonly version: string }) {
  return { plan: params.key, version: Number(params.version) };
}

function versionReply(status: number, version: PlanVersionRecord): Reply {
  return { status, body: versionToWire(version), headers: etagHeader(version.etag) };
}

function versionToWire(record: PlanVersionRecord) {
  return { plan: record.plan, ...headToWire(record), charges: record.charges };
}
