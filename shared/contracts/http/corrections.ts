import { z } from 'zod';
import { LIMITS } from '../../kernel/limits.ts';
import {
  instantInputSchema,
  instantSchema,
  listOf,
  listQuerySchema,
  PLAIN_TEXT,
  PLAIN_TEXT_MESSAGE,
} from './common.ts';
import { jsonResponse, route } from './route.ts';

const idSchema = z.string().min(1).max(LIMITS.eventIdLength);
const sourceSchema = z.string().min(1).max(LIMITS.eventSourceLength);
const CHANGE_STATUSES = ['applied', 'waiting', 'conflict'] as const;

const revisionSchema = z.int().min(1).max(LIMITS.correctionsPerEvent).meta({
  description:
    'Your count of corrections of this event, from 1. The same revision is the same correction, however often it is sent; one that is ahead waits for those before it.',
});
const reasonSchema = z
  .string()
  .trim()
  .min(1)
  .max(LIMITS.reasonLength)
  .regex(PLAIN_TEXT, PLAIN_TEXT_MESSAGE)
  .meta({ example: 'sent by a test run' });

const eventTimeSchema = z.exactOptional(
  instantInputSchema.meta({
    description: 'The time that the event had before. Tenants whose claims are packed by time must say it.',
  }),
);
const REVOKE_EXAMPLE = { revision: 1, reason: 'sent by a test run' };

const revokeSchema = z
  .strictObject({ revision: revisionSchema, reason: reasonSchema, eventTime: eventTimeSchema })
  .meta({ id: 'Revoke', example: REVOKE_EXAMPLE });
const amendSchema = z
  .strictObject({
    revision: revisionSchema,
    reason: reasonSchema,
    eventTime: eventTimeSchema,
    event: z
      .custom<object>((value) => typeof value === 'object' && value !== null, 'must be an event')
      .meta({
        override: { $ref: '#/components/schemas/EventInput' },
        description: 'The whole event as it should have been, with its id, source and time.',
      }),
  })
  .meta({
    id: 'Amend',
    example: {
      revision: 1,
      reason: 'the model was large, not small',
      event: {
        ...{ id: 'req-8f31', type: 'llm.request', customer: 'acme', time: '2026-11-24T13:00:00Z' },
        properties: { model: 'large', input_tokens: 374, output_tokens: 44 },
      },
    },
  });

const acceptedSchema = z
  .strictObject({
    id: idSchema,
    source: sourceSchema,
    revision: z.int(),
    action: z.enum(['amend', 'revoke']),
    status: z.literal('accepted'),
  })
  .meta({ id: 'AcceptedCorrection' });

export const changeSchema = z
  .strictObject({
    id: idSchema,
    source: sourceSchema,
    revision: z.int().nullable().meta({ description: 'Null for what a job did.' }),
    action: z.enum(['amend', 'revoke', 'attribute', 'recount', 'revert']),
    status: z.enum(CHANGE_STATUSES).meta({
      description:
        'waiting: for the revisions before it. conflict: another correction has this revision, which holds.',
    }),
    reason: z.string().nullable(),
    job: z.string().nullable(),
    receivedAt: instantSchema,
    event: z
      .unknown()
      .meta({ description: 'The event as it became; null where it is taken back, or did not change.' }),
    fingerprint: z.string(),
    fence: z.int(),
  })
  .meta({ id: 'EventChange' });

const params = z.strictObject({ id: idSchema });
const query = z.strictObject({ source: z.exactOptional(sourceSchema) });
const responses = { 202: jsonResponse('Durable, and counted in the order of revisions', acceptedSchema) };

export const CORRECTION_ROUTES = {
  revokeEvent: route({
    operationId: 'revokeEvent',
    method: 'POST',
    path: '/v1/events/{id}/revoke',
    tag: 'Events',
    summary: 'Take an event back, also one that is still to arrive',
    scope: 'events:write',
    idempotent: false,
    params,
    query,
    body: revokeSchema,
    responses,
    errors: ['event.not_written'],
  }),
  amendEvent: route({
    operationId: 'amendEvent',
    method: 'POST',
    path: '/v1/events/{id}/amend',
    tag: 'Events',
    summary: 'Say what an event should have been, also of one that is still to arrive',
    scope: 'events:write',
    idempotent: false,
    params,
    query,
    body: amendSchema,
    responses,
    errors: [
      'event.not_written',
      'event.missing_field',
      'event.unknown_field',
      'event.invalid_field',
      'event.invalid_time',
      'event.time_in_future',
      'event.too_large',
      'event.too_deep',
      'correction.other_event',
      'correction.time_required',
    ],
  }),
  listCorrections: route({
    operationId: 'listCorrections',
    method: 'GET',
    path: '/v1/corrections',
    tag: 'Events',
    summary: 'List what became of events after they were counted, newest first',
    scope: 'events:read',
    query: listQuerySchema.extend({
      id: z.exactOptional(idSchema),
      status: z.exactOptional(z.enum(CHANGE_STATUSES)),
    }),
    responses: { 200: jsonResponse('A page of changes', listOf('EventChangeList', changeSchema)) },
  }),
} as const;
