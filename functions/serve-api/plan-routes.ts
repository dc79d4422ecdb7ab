import { archivePlan } from '../../shared/app/plans/archive-plan.ts';
import { createPlan } from '../../shared/app/plans/create-plan.ts';
import { patchPlan } from '../../shared/app/plans/patch-plan.ts';
import { listPlans, readPlan } from '../../shared/app/plans/read-plan.ts';
import type { PlanRecord, VersionHead } from '../../shared/app/records/plan.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { ok } from '../../shared/kernel/result.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import { type Binding, bind, replyOnce, tenantOf } from '../_kit/call.ts';
import { etagHeader } from '../_kit/etag.ts';
import { listReply } from '../_kit/list.ts';
import type { Reply } from '../_kit/response.ts';
import type { ServeApiDeps } from './deps.ts';
import { instantOrNull } from './wire.ts';

export function planRoutes(deps: ServeApiDeps): readonly Binding[] {
  return [
    bind(ROUTES.createPlan, (call) =>
      replyOnce({
        call,
        reply: (plan: PlanRecord) => planReply(201, plan),
        change: (alongside) => createPlan(deps)({ ...call.body, tenant: tenantOf(call), alongside }),
      }),
    ),
    bind(ROUTES.listPlans, (call) => {
      const tenant = tenantOf(call).key;
      return listReply({
        operationId: ROUTES.listPlans.operationId,
        query: call.query,
        read: async (request) => ok(await listPlans(deps)({ ...request, tenant })),
        toWire: summaryToWire,
      });
    }),
    bind(ROUTES.getPlan, async (call) => {
      const found = await readPlan({ items: deps.items, tenant: tenantOf(call).key, key: call.params.key });
      return found.ok ? ok(planReply(200, found.value)) : found;
    }),
    bind(ROUTES.patchPlan, async (call) => {
      const { name, metadata, currency, cadence } = call.body;
      const patched = await patchPlan(deps)({
        tenant: tenantOf(call).key,
        key: call.params.key,
        ifMatch: call.ifMatch,
        changes: {
          ...(name === undefined ? {} : { name }),
          ...(metadata === undefined ? {} : { metadata }),
          ...(currency === undefined ? {} : { currency }),
          ...(cadence === undefined ? {} : { cadence }),
        },
      });
      return patched.ok ? ok(planReply(200, patched.value)) : patched;
    }),
    bind(ROUTES.archivePlan, (call) =>
      replyOnce({
        call,
        reply: (plan: PlanRecord) => planReply(200, plan),
        change: (alongside) => archivePlan(deps)({ tenant: tenantOf(call), key: call.params.key, alongside }),
      }),
    ),
  ];
}

function planReply(status: number, plan: PlanRecord): Reply {
  const body = { ...summaryToWire(plan), versions: plan.versions.map(headToWire) };
  return { status, body, headers: etagHeader(plan.etag) };
}

function summaryToWire(record: PlanRecord) {
  const { key, name, currency, cadence, overlap, metadata, createdAtMs, archivedAtMs } = record;
  const createdAt = formatInstant(createdAtMs);
  return {
    key,
    name,
    currency,
    cadence,
    overlap,
    metadata,
    createdAt,
    archivedAt: instantOrNull(archivedAtMs),
  };
}

export function headToWire(head: VersionHead) {
  const { version, status, effectiveFromMs, apply, reason, createdAtMs, publishedAtMs } = head;
  return {
    version,
    status,
    effectiveFrom: instantOrNull(effectiveFromMs),
    apply,
    reason,
    createdAt: formatInstant(createdAtMs),
    publishedAt: instantOrNull(publishedAtMs),
  };
}
