import { z } from 'zod';
import { LIMITS } from '../../kernel/limits.ts';
import { ingestAnswerSchema } from '../event.ts';
import {
  instantInputSchema,
  instantSchema,
  keySchema,
  listOf,
  listQuerySchema,
  PLAIN_TEXT,
  PLAIN_TEXT_MESSAGE,
} from './common.ts';
import { jobSchema } from './jobs.ts';
import { jsonResponse, route } from './route.ts';

const reasonSchema = z
  .string()
  .trim()
  .min(1)
  .max(LIMITS.reasonLength)
  .regex(PLAIN_TEXT, PLAIN_TEXT_MESSAGE)
  .meta({ example: 'gateway outage of 3 May' });

const backfillSchema = z
  .strictObject({
    id: z.string(),
    status: z.enum(['collecting', 'applied', 'reverted']),
    reason: z.string(),
    from: instantSchema,
    to: instantSchema,
    events: z.int(),
    applyJob: z.string().nullable(),
    revertJob: z.string().nullable(),
    createdAt: instantSchema,
  })
  .meta({ id: 'Backfill' });

const createSchema = z
  .strictObject({
    from: instantInputSchema.meta({ description: 'Inclusive, of the times of events.' }),
    to: instantInputSchema.meta({ description: 'Exclusive.' }),
    reason: reasonSchema,
  })
  .meta({
    id: 'CreateBackfill',
    example: { from: '2026-05-03T00:00:00Z', to: '2026-05-04T00:00:00Z', reason: 'gateway outage of 3 May' },
  });

const eventsSchema = z
  .strictObject({ events: z.array(z.unknown()).min(1).max(LIMITS.backfillRequestEvents) })
  .meta({
    id: 'BackfillEvents',
    description: 'Events as for POST /v1/events, each with its time.',
    example: {
      events: [
        {
          id: 'req-8f31',
          type: 'llm.request',
          customer: 'acme',
          time: '2026-05-03T13:00:00Z',
          properties: { input_tokens: 374 },
        },
      ],
    },
  });

const previewSchema = z
  .strictObject({
    events: z.int().meta({ description: 'Looked at.' }),
    isComplete: z.boolean().meta({ description: 'False: there are more than a preview looks at.' }),
    known: z.int().meta({ description: 'Counted already.' }),
    conflicts: z.int().meta({ description: 'Counted already, with another payload, which holds.' }),
    repeated: z.int().meta({ description: 'Several times in the backfill.' }),
    unattributed: z.int(),
    quarantined: z.int(),
    quantities: z.array(
      z.strictObject({ customer: z.string(), meter: keySchema, events: z.int(), sum: z.string() }),
    ),
    periods: z
      .array(
        z.strictObject({
          customer: z.string(),
          subscription: z.string(),
          from: instantSchema,
          to: instantSchema,
          invoice: z
            .strictObject({ id: z.string(), number: z.string().nullable(), status: z.string() })
            .nullable()
            .meta({ description: 'Null: not drafted yet. A final one stays; the next one adjusts it.' }),
        }),
      )
      .meta({ description: 'Billing periods that the events fall into.' }),
  })
  .meta({ id: 'BackfillPreview' });

const auditEntrySchema = z
  .strictObject({
    id: z.string(),
    at: instantSchema,
    keyId: z.string(),
    action: z.string(),
    target: z.string(),
    reason: z.string().nullable(),
    before: z.record(z.string(), z.unknown()).nullable(),
    after: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: 'AuditEntry' });

const params = z.strictObject({ id: z.string().min(1).max(64) });
const answer = jsonResponse('The backfill', backfillSchema);

export const BACKFILL_ROUTES = {
  createBackfill: route({
    operationId: 'createBackfill',
    method: 'POST',
    path: '/v1/backfills',
    tag: 'Backfills',
    summary: 'Begin to collect events of any time, such as those of an outage',
    scope: 'events:write',
    body: createSchema,
    responses: { 201: answer },
    errors: ['backfill.invalid_range'],
  }),
  listBackfills: route({
    operationId: 'listBackfills',
    method: 'GET',
    path: '/v1/backfills',
    tag: 'Backfills',
    summary: 'List backfills, newest first',
    scope: 'events:read',
    query: listQuerySchema,
    responses: { 200: jsonResponse('A page of backfills', listOf('BackfillList', backfillSchema)) },
  }),
  getBackfill: route({
    operationId: 'getBackfill',
    method: 'GET',
    path: '/v1/backfills/{id}',
    tag: 'Backfills',
    summary: 'Read a backfill',
    scope: 'events:read',
    params,
    responses: { 200: answer },
    errors: ['backfill.not_found'],
  }),
  addBackfillEvents: route({
    operationId: 'addBackfillEvents',
    method: 'POST',
    path: '/v1/backfills/{id}/events',
    tag: 'Backfills',
    summary: 'Add events; nothing is counted yet',
    scope: 'events:write',
    idempotent: false,
    bodyBytesMax: LIMITS.requestBodyBytes,
    params,
    body: eventsSchema,
    responses: { 200: jsonResponse('One result an event', ingestAnswerSchema) },
    errors: ['backfill.not_found', 'backfill.not_collecting', 'backfill.too_large'],
  }),
  previewBackfill: route({
    operationId: 'previewBackfill',
    method: 'POST',
    path: '/v1/backfills/{id}/preview',
    tag: 'Backfills',
    summary: 'What counting the events would do to quantities and invoices, without doing it',
    scope: 'events:read',
    idempotent: false,
    params,
    responses: { 200: jsonResponse('The preview', previewSchema) },
    errors: ['backfill.not_found'],
  }),
  applyBackfill: route({
    operationId: 'applyBackfill',
    method: 'POST',
    path: '/v1/backfills/{id}/apply',
    tag: 'Backfills',
    summary: 'Count the events, each once; closed periods get adjustments',
    scope: 'events:write',
    params,
    responses: { 202: jsonResponse('The job', jobSchema) },
    errors: ['backfill.not_found', 'backfill.not_collecting', 'backfill.empty'],
  }),
  revertBackfill: route({
    operationId: 'revertBackfill',
    method: 'POST',
    path: '/v1/backfills/{id}/revert',
    tag: 'Backfills',
    summary: 'Take back what the backfill counted, and nothing else',
    scope: 'events:write',
    params,
    responses: { 202: jsonResponse('The job', jobSchema) },
    errors: ['backfill.not_found', 'backfill.not_applied'],
  }),
  listAudit: route({
    operationId: 'listAudit',
    method: 'GET',
    path: '/v1/audit',
    tag: 'Backfills',
    summary: 'Who changed what, when and why, newest first',
    scope: 'tenant:read',
    query: listQuerySchema,
    responses: { 200: jsonResponse('A page of entries', listOf('AuditList', auditEntrySchema)) },
  }),
} as const;
