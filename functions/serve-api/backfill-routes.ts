import { listAudit } from '../../shared/app/audit/audit.ts';
import { addBackfillEvents } from '../../shared/app/backfills/add-events.ts';
import { createBackfill } from '../../shared/app/backfills/create-backfill.ts';
import { type BackfillPreview, previewBackfill } from '../../shared/app/backfills/preview-backfill.ts';
import { listBackfills, readBackfill } from '../../shared/app/backfills/read-backfills.ts';
import { applyBackfill, revertBackfill } from '../../shared/app/backfills/start-backfill-job.ts';
import type { AuditEntry } from '../../shared/app/records/audit-entry.ts';
import type { BackfillRecord } from '../../shared/app/records/backfill.ts';
import type { JobRecord } from '../../shared/app/records/job.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { ok } from '../../shared/kernel/result.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import { type Binding, bind, type Call, callerOf, replyOnce, tenantOf } from '../_kit/call.ts';
import { listReply } from '../_kit/list.ts';
import type { ServeApiDeps } from './deps.ts';
import { jobToWire } from './job-routes.ts';

export function backfillRoutes(deps: ServeApiDeps): readonly Binding[] {
  return [...collecting(deps), ...counting(deps)];
}

function named(call: Pick<Call, 'auth'> & { readonly params: { readonly id: string } }) {
  return { tenant: tenantOf(call).key, id: call.params.id };
}

function collecting(deps: ServeApiDeps): readonly Binding[] {
  return [
    bind(ROUTES.createBackfill, (call) => {
      const { from: fromMs, to: toMs, reason } = call.body;
      const asked = { tenant: tenantOf(call).key, keyId: callerOf(call).keyId, fromMs, toMs, reason };
      return replyOnce({
        call,
        reply: (backfill: BackfillRecord) => ({ status: 201, body: backfillToWire(backfill) }),
        change: (alongside) => createBackfill(deps)({ ...asked, alongside }),
      });
    }),
    bind(ROUTES.listBackfills, (call) => {
      const tenant = tenantOf(call).key;
      return listReply({
        operationId: ROUTES.listBackfills.operationId,
        query: call.query,
        read: async (request) => ok(await listBackfills(deps)({ ...request, tenant })),
        toWire: backfillToWire,
      });
    }),
    bind(ROUTES.getBackfill, async (call) => {
      const found = await readBackfill(deps.items, named(call));
      return found.ok ? ok({ status: 200, body: backfillToWire(found.value) }) : found;
    }),
    bind(ROUTES.addBackfillEvents, async (call) => {
      const asked = { tenant: tenantOf(call).key, id: call.params.id, events: call.body.events };
      const added = await addBackfillEvents(deps)(asked);
      return added.ok ? ok({ status: 200, body: added.value }) : added;
    }),
    bind(ROUTES.previewBackfill, async (call) => {
      const preview = await previewBackfill(deps)(named(call));
      return preview.ok ? ok({ status: 200, body: previewToWire(preview.value) }) : preview;
    }),
  ];
}

function counting(deps: ServeApiDeps): readonly Binding[] {
  const reply = (job: JobRecord) => ({ status: 202, body: jobToWire(job) });
  return [
    bind(ROUTES.applyBackfill, (call) => {
      const asked = { ...named(call), keyId: callerOf(call).keyId };
      return replyOnce({ call, reply, change: (alongside) => applyBackfill(deps)({ ...asked, alongside }) });
    }),
    bind(ROUTES.revertBackfill, (call) => {
      const asked = { ...named(call), keyId: callerOf(call).keyId };
      return replyOnce({ call, reply, change: (alongside) => revertBackfill(deps)({ ...asked, alongside }) });
    }),
    bind(ROUTES.listAudit, (call) => {
      const tenant = tenantOf(call).key;
      return listReply({
        operationId: ROUTES.listAudit.operationId,
        query: call.query,
        read: async (request) => ok(await listAudit(deps)({ ...request, tenant })),
        toWire: auditToWire,
      });
    }),
  ];
}

function backfillToWire(backfill: BackfillRecord) {
  const { id, state: status, reason, fromMs, toMs, events, applyJob, revertJob, createdAtMs } = backfill;
  const range = { from: formatInstant(fromMs), to: formatInstant(toMs) };
  return { id, status, reason, ...range, events, applyJob, revertJob, createdAt: formatInstant(createdAtMs) };
}

function previewToWire({ periods, ...preview }: BackfillPreview) {
  return {
    ...preview,
    periods: periods.map(({ fromMs, toMs, ...period }) => {
      return { ...period, from: formatInstant(fromMs), to: formatInstant(toMs) };
    }),
  };
}

function auditToWire({ atMs, ...entry }: AuditEntry) {
  return { ...entry, at: formatInstant(atMs) };
}
