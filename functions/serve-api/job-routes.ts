import { backfillMeter } from '../../shared/app/jobs/backfill-meter.ts';
import { previewMeterBackfill } from '../../shared/app/jobs/preview-meter-backfill.ts';
import { cancelJob, listJobs, readJob } from '../../shared/app/jobs/read-jobs.ts';
import { rebuildMeter } from '../../shared/app/jobs/rebuild-meter.ts';
import type { JobRecord } from '../../shared/app/records/job.ts';
import { tenantNowMs } from '../../shared/app/tenants/read-tenant.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { ok } from '../../shared/kernel/result.ts';
import { dayText, formatInstant } from '../../shared/kernel/time.ts';
import { type Binding, bind, replyOnce, tenantOf } from '../_kit/call.ts';
import { listReply } from '../_kit/list.ts';
import type { ServeApiDeps } from './deps.ts';
import { instantOrNull } from './wire.ts';

export function jobRoutes(deps: ServeApiDeps): readonly Binding[] {
  const { items } = deps;
  return [
    bind(ROUTES.listJobs, (call) => {
      const tenant = tenantOf(call).key;
      return listReply({
        operationId: ROUTES.listJobs.operationId,
        query: call.query,
        read: async (request) => ok(await listJobs(deps)({ ...request, tenant })),
        toWire: jobToWire,
      });
    }),
    bind(ROUTES.getJob, async (call) => {
      const found = await readJob(items, { tenant: tenantOf(call).key, id: call.params.id });
      return found.ok ? ok({ status: 200, body: jobToWire(found.value) }) : found;
    }),
    bind(ROUTES.cancelJob, async (call) => {
      const canceled = await cancelJob(deps)({ tenant: tenantOf(call).key, id: call.params.id });
      return canceled.ok ? ok({ status: 200, body: jobToWire(canceled.value) }) : canceled;
    }),
    bind(ROUTES.previewMeterBackfill, async (call) => {
      const { from: fromMs, to: toMs } = call.body;
      const asked = { tenant: tenantOf(call).key, meter: call.params.key, fromMs, toMs };
      const preview = await previewMeterBackfill(deps)(asked);
      return preview.ok ? ok({ status: 200, body: preview.value }) : preview;
    }),
    bind(ROUTES.backfillMeter, (call) => {
      const { from: fromMs, to: toMs } = call.body;
      const asked = { tenant: tenantOf(call).key, meter: call.params.key, fromMs, toMs };
      return replyOnce({
        call,
        reply: (job: JobRecord) => ({ status: 202, body: jobToWire(job) }),
        change: (alongside) => backfillMeter(deps)({ ...asked, alongside }),
      });
    }),
    bind(ROUTES.rebuildMeter, async (call) => {
      const tenant = tenantOf(call);
      const { from: fromMs, to: toMs } = call.body;
      const nowMs = await tenantNowMs(deps, tenant);
      const asked = { tenant: tenant.key, meter: call.params.key, fromMs, toMs, nowMs };
      return await replyOnce({
        call,
        reply: (job: JobRecord) => ({ status: 202, body: jobToWire(job) }),
        change: (alongside) => rebuildMeter(deps)({ ...asked, alongside }),
      });
    }),
  ];
}

export function jobToWire(job: JobRecord) {
  const { id, state: status, pages, events, cursor, createdAtMs, endedAtMs, error } = job;
  return {
    id,
    kind: job.subject.kind,
    status,
    subject: subjectToWire(job.subject),
    progress: { pages, events, upTo: cursor === null ? null : formatInstant(cursor.timeMs) },
    createdAt: formatInstant(createdAtMs),
    endedAt: instantOrNull(endedAtMs),
    error,
  };
}

function subjectToWire(subject: JobRecord['subject']) {
  if (subject.kind === 'attribution') return { references: subject.references };
  if (subject.kind === 'rebuild') {
    const { meter, days } = subject;
    return { meter, days: days.map(dayText) };
  }
  if (subject.kind !== 'meter_backfill') return { backfill: subject.backfill, batches: subject.batches };
  const { meter, version, fromMs, toMs } = subject;
  return { meter, version, from: formatInstant(fromMs), to: formatInstant(toMs) };
}
