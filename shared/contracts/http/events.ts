import { z } from 'zod';
import { LIMITS } from '../../kernel/limits.ts';
import { ingestAnswerSchema, ingestEventSchema } from '../event.ts';
import { instantInputSchema, instantSchema, listOf, listQuerySchema, unfilled } from './common.ts';
import { changeSchema } from './corrections.ts';
import { jsonResponse, route } from './route.ts';

const idSchema = z.string().min(1).max(LIMITS.eventIdLength).meta({ example: 'req-8f31' });
const sourceSchema = z.string().min(1).max(LIMITS.eventSourceLength).meta({ example: 'gateway' });
const typeSchema = z.string().min(1).max(LIMITS.eventTypeLength).meta({ example: 'llm.request' });
const referenceSchema = z.string().min(1).max(LIMITS.customerReferenceLength).meta({ example: 'acme' });
const propertiesSchema = z.record(z.string(), z.unknown()).meta({
  description: `Any JSON up to ${LIMITS.propertyDepth} levels deep; integers within ±(2^53 - 1).`,
  example: { model: 'large', input_tokens: 374, output_tokens: 44 },
});

/** Without a time, so that it can be sent at any time. */
const EXAMPLE = {
  id: 'req-8f31',
  type: 'llm.request',
  customer: 'acme',
  properties: { model: 'large', input_tokens: 374, output_tokens: 44 },
} as const;

/** As ingest checks it, each event by itself, so that a batch is never refused for one of them. */
const eventInputSchema = ingestEventSchema.extend({ properties: z.exactOptional(propertiesSchema) }).meta({
  id: 'EventInput',
  description: 'With the source, the id is the identity: an event counts once per tenant.',
  example: EXAMPLE,
});

const eventBatchSchema = z
  .strictObject({ events: z.array(eventInputSchema).min(1).max(LIMITS.eventsPerRequest) })
  .meta({ id: 'EventBatch', example: { events: [EXAMPLE, { ...EXAMPLE, id: 'req-8f32' }] } });

const cloudEventSchema = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: idSchema,
    source: sourceSchema,
    type: typeSchema,
    subject: referenceSchema.meta({ description: 'The customer.' }),
    time: z.exactOptional(z.iso.datetime({ offset: true }).meta({ example: '2026-11-24T13:00:00Z' })),
    data: z.exactOptional(propertiesSchema),
  })
  .meta({
    id: 'CloudEvent',
    example: {
      ...{ specversion: '1.0', id: EXAMPLE.id, source: 'gateway', type: EXAMPLE.type },
      ...{ subject: EXAMPLE.customer, data: EXAMPLE.properties },
    },
  });

const EVENT_STATUSES = ['counted', 'unattributed', 'quarantined', 'revoked'] as const;

const eventFields = {
  id: idSchema,
  source: sourceSchema,
  type: typeSchema,
  customer: z.string().nullable().meta({ description: "The customer's key; null while unattributed." }),
  customerReference: z.string().meta({ description: 'What the event said.' }),
  time: instantSchema,
  timeSent: z.boolean().meta({ description: 'False: the receive time stands in for it.' }),
  receivedAt: instantSchema,
  properties: propertiesSchema,
  status: z.enum(EVENT_STATUSES),
  reason: z.string().nullable().meta({ description: 'Code that explains a status other than counted.' }),
};

const eventSchema = z.strictObject(eventFields).meta({ id: 'Event' });

const eventJourneySchema = z
  .strictObject({
    ...eventFields,
    chunk: z.string().meta({ description: 'The unit of work that owns the event.' }),
    fence: z.int().meta({
      description: 'Number of the completeness marker before it in its lane.',
      example: 4711,
    }),
    catalogueRevision: z.int().meta({
      description: 'The catalogue that it was counted with.',
      example: 3,
    }),
    fingerprint: z.string().meta({ description: 'SHA-256 of the canonical payload.' }),
    meters: z.array(z.strictObject({ meter: z.string(), quantity: z.string() })),
    changes: z.array(changeSchema).meta({ description: 'Corrections, and what jobs did; newest first.' }),
    quarantine: z.array(
      z.strictObject({ meter: z.string().nullable(), code: z.string(), message: z.string() }),
    ),
  })
  .meta({ id: 'EventJourney' });

const quarantineEntrySchema = z
  .strictObject({
    entry: z.string(),
    meter: z.string().nullable().meta({ description: 'Null: the record could not be read at all.' }),
    id: z.string().nullable(),
    source: z.string().nullable(),
    customer: z.string().nullable(),
    type: z.string().nullable(),
    time: instantSchema,
    receivedAt: instantSchema,
    code: z.string(),
    message: z.string(),
    content: z.string(),
  })
  .meta({ id: 'QuarantineEntry' });

const conflictSchema = z
  .strictObject({
    id: idSchema,
    source: sourceSchema,
    type: z.string(),
    customerReference: z.string(),
    time: instantSchema,
    receivedAt: instantSchema,
    properties: propertiesSchema,
    fingerprint: z.string(),
    ownerFingerprint: z.string(),
    chunk: z.string(),
    ownerChunk: z.string(),
    counted: z
      .strictObject({
        type: z.string(),
        customerReference: z.string(),
        time: instantSchema,
        properties: propertiesSchema,
        status: z.enum(EVENT_STATUSES),
      })
      .nullable()
      .meta({
        description: 'The event that counts, as it is now; null where it was revoked before it came.',
      }),
  })
  .meta({ id: 'Conflict', description: 'A resend whose payload differs from the first, which counts.' });

export const EVENT_ROUTES = {
  ingestEvents: route({
    operationId: 'ingestEvents',
    method: 'POST',
    path: '/v1/events',
    tag: 'Events',
    summary: 'Send one event or a batch; after 503 or a broken connection, send again with the same ids',
    scope: 'events:write',
    idempotent: false,
    body: z.union([eventInputSchema, eventBatchSchema]),
    otherBodies: {
      'application/cloudevents+json': cloudEventSchema,
      'application/cloudevents-batch+json': z.array(cloudEventSchema).min(1).max(LIMITS.eventsPerRequest),
    },
    responses: {
      200: jsonResponse('One result an event', ingestAnswerSchema),
      503: jsonResponse('No event could be written: send all again', ingestAnswerSchema),
    },
    errors: ['event.batch_too_large', 'event.batch_empty', 'limit.above_burst'],
  }),
  listEvents: route({
    operationId: 'listEvents',
    method: 'GET',
    path: '/v1/events',
    tag: 'Events',
    summary: 'List events, newest first',
    scope: 'events:read',
    query: listQuerySchema.extend({
      customer: z.exactOptional(unfilled(referenceSchema)),
      type: z.exactOptional(unfilled(typeSchema)),
      id: z.exactOptional(unfilled(idSchema)),
      source: z.exactOptional(unfilled(sourceSchema)),
      from: z.exactOptional(unfilled(instantInputSchema).meta({ description: 'Inclusive.' })),
      to: z.exactOptional(unfilled(instantInputSchema).meta({ description: 'Exclusive.' })),
      status: z.exactOptional(z.enum(EVENT_STATUSES)),
    }),
    responses: { 200: jsonResponse('A page of events', listOf('EventList', eventSchema)) },
  }),
  getEvent: route({
    operationId: 'getEvent',
    method: 'GET',
    path: '/v1/events/{id}',
    tag: 'Events',
    summary: 'Follow an event: received, planned, counted by which meters',
    scope: 'events:read',
    params: z.strictObject({ id: idSchema }),
    query: z.strictObject({ source: z.exactOptional(unfilled(sourceSchema)) }),
    responses: { 200: jsonResponse('The event', eventJourneySchema) },
    errors: ['event.not_found', 'event.ambiguous_id'],
  }),
  listQuarantine: route({
    operationId: 'listQuarantine',
    method: 'GET',
    path: '/v1/quarantine',
    tag: 'Events',
    summary: 'List what could not be counted, newest first',
    scope: 'events:read',
    query: listQuerySchema.extend({
      meter: z.exactOptional(z.string()),
      id: z.exactOptional(unfilled(idSchema)),
    }),
    responses: { 200: jsonResponse('A page of entries', listOf('QuarantineList', quarantineEntrySchema)) },
  }),
  listConflicts: route({
    operationId: 'listConflicts',
    method: 'GET',
    path: '/v1/conflicts',
    tag: 'Events',
    summary: 'List resends that differ from the event that counts, newest first',
    scope: 'events:read',
    query: listQuerySchema.extend({ id: z.exactOptional(unfilled(idSchema)) }),
    responses: { 200: jsonResponse('A page of conflicts', listOf('ConflictList', conflictSchema)) },
  }),
} as const;
