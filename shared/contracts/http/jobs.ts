import { z } from 'zod';
import { LIMITS } from '../../kernel/limits.ts';
import { instantInputSchema, instantSchema, keySchema, listOf, listQuerySchema } from './common.ts';
import { jsonResponse, route } from './route.ts';

export const jobSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['attribution', 'meter_backfill', 'backfill_apply', 'backfill_revert', 'rebuild']),
    status: z.enum(['waiting', 'running', 'done', 'failed', 'canceled']).meta({
      description: 'waiting: until everything that was planned without the reason of the job is counted.',
    }),
    subject: z.record(z.string(), z.unknown()),
    progress: z.strictObject({
      pages: z.int().meta({ description: 'Of events; of a rebuild, days that are done.' }),
      events: z.int().meta({ description: 'Looked at; those that change nothing included.' }),
      upTo: instantSchema.nullable().meta({ description: 'Time of the last event looked at.' }),
    }),
    createdAt: instantSchema,
    endedAt: instantSchema.nullable(),
    error: z.string().nullable().meta({
      description: 'Why it ended; of a rebuild that goes on, why it began anew.',
    }),
  })
  .meta({ id: 'Job' });

const backfillSchema = z
  .strictObject({
    from: instantInputSchema.meta({ description: 'Inclusive, by the time of events.' }),
    to: instantInputSchema.meta({ description: 'Exclusive.' }),
  })
  .meta({ id: 'MeterBackfill' });

const rebuildSchema = z
  .strictObject({
    from: instantInputSchema.meta({ description: 'In the first of the UTC days.' }),
    to: instantInputSchema.meta({
      description: `Exclusive; the range touches at most ${LIMITS.rebuildDaysMax} UTC days, which ended an hour ago.`,
    }),
  })
  .meta({ id: 'MeterRebuild' });

const previewSchema = z
  .strictObject({
    meter: keySchema,
    version: z.int(),
    events: z.int().meta({ description: 'Looked at.' }),
    changed: z.int().meta({ description: 'Events that this version counts otherwise.' }),
    isComplete: z.boolean().meta({ description: 'False: there are more events than a preview looks at.' }),
    customers: z.array(
      z.strictObject({
        customer: z.string(),
        takenBack: z.string().meta({ description: 'Sum of the quantities that count no more.' }),
        added: z.string().meta({ description: 'Sum of the quantities that count instead.' }),
      }),
    ),
  })
  .meta({ id: 'MeterBackfillPreview' });

const params = z.strictObject({ id: z.string().min(1).max(64) });
const meterParams = z.strictObject({ key: keySchema });

export const JOB_ROUTES = {
  listJobs: route({
    operationId: 'listJobs',
    method: 'GET',
    path: '/v1/jobs',
    tag: 'Jobs',
    summary: 'List long work on events that were counted before, newest first',
    scope: 'meters:read',
    query: listQuerySchema,
    responses: { 200: jsonResponse('A page of jobs', listOf('JobList', jobSchema)) },
  }),
  getJob: route({
    operationId: 'getJob',
    method: 'GET',
    path: '/v1/jobs/{id}',
    tag: 'Jobs',
    summary: 'Follow a job',
    scope: 'meters:read',
    params,
    responses: { 200: jsonResponse('The job', jobSchema) },
    errors: ['job.not_found'],
  }),
  cancelJob: route({
    operationId: 'cancelJob',
    method: 'POST',
    path: '/v1/jobs/{id}/cancel',
    tag: 'Jobs',
    summary: 'End a job where it is; what it did stays',
    scope: 'meters:write',
    idempotent: false,
    params,
    responses: { 200: jsonResponse('The job', jobSchema) },
    errors: ['job.not_found', 'job.ended', 'job.not_cancelable'],
  }),
  previewMeterBackfill: route({
    operationId: 'previewMeterBackfill',
    method: 'POST',
    path: '/v1/meters/{key}/backfill/preview',
    tag: 'Meters',
    summary: 'What a backfill would change, without changing it',
    scope: 'meters:read',
    idempotent: false,
    params: meterParams,
    body: backfillSchema,
    responses: { 200: jsonResponse('The preview', previewSchema) },
    errors: ['meter.not_found', 'meter.archived', 'usage.invalid_range'],
  }),
  backfillMeter: route({
    operationId: 'backfillMeter',
    method: 'POST',
    path: '/v1/meters/{key}/backfill',
    tag: 'Meters',
    summary: 'Count earlier events by the meter as it is now; closed periods get adjustments',
    scope: 'meters:write',
    params: meterParams,
    body: backfillSchema,
    responses: { 202: jsonResponse('The job', jobSchema) },
    errors: ['meter.not_found', 'meter.archived', 'usage.invalid_range'],
  }),
  rebuildMeter: route({
    operationId: 'rebuildMeter',
    method: 'POST',
    path: '/v1/meters/{key}/rebuild',
    tag: 'Meters',
    summary:
      'Make the rollups of some days anew, as happens by itself after corrections; answers stay as they are',
    scope: 'meters:write',
    params: meterParams,
    body: rebuildSchema,
    responses: { 202: jsonResponse('The job', jobSchema) },
    errors: ['meter.not_found', 'meter.rebuilding', 'usage.invalid_range'],
  }),
} as const;
