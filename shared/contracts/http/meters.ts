import { z } from 'zod';
import { LIMITS } from '../../kernel/limits.ts';
import {
  instantSchema,
  keySchema,
  listOf,
  listQuerySchema,
  metadataSchema,
  nameSchema,
  PLAIN_TEXT,
  PLAIN_TEXT_MESSAGE,
} from './common.ts';
import { ETAG_HEADER, jsonResponse, route } from './route.ts';

const AGGREGATIONS = ['count', 'sum', 'min', 'max', 'avg', 'latest', 'unique_count'] as const;

const aggregationSchema = z.enum(AGGREGATIONS).meta({ id: 'Aggregation' });
const eventTypeSchema = z
  .string()
  .min(1)
  .max(LIMITS.eventTypeLength)
  .regex(PLAIN_TEXT, PLAIN_TEXT_MESSAGE)
  .meta({ example: 'llm.request' });
const expressionSchema = z
  .string()
  .min(1)
  .max(LIMITS.expressionLength)
  .regex(/^\P{Cs}*$/u, 'must not hold lone surrogates')
  .meta({ example: '$.model' });
const unitSchema = z
  .string()
  .min(1)
  .max(LIMITS.keyLength)
  .regex(PLAIN_TEXT, PLAIN_TEXT_MESSAGE)
  .meta({ example: 'token' });
const meterNameSchema = nameSchema.meta({ example: 'Input tokens' });
const valueSchema = expressionSchema.meta({
  description: 'A property by name (`tokens`) or JSONPath (`$.usage.tokens`), or a CEL expression.',
  example: '$.input_tokens',
});
const filterSchema = expressionSchema.meta({
  description: 'A CEL expression that answers true or false.',
  example: 'properties.model == "large"',
});

/** Names of dimensions; `customer` is the dimension that every meter has. */
const dimensionNameSchema = z
  .string()
  .max(LIMITS.keyLength)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must start with a letter or _ and hold only letters, digits and _');

const groupBySchema = z
  .record(
    dimensionNameSchema.refine((name) => name !== 'customer', {
      error: 'customer is a dimension of every meter; choose another name',
    }),
    expressionSchema,
  )
  .refine((value) => Object.keys(value).length <= LIMITS.dimensionsPerMeter, {
    error: `must have at most ${LIMITS.dimensionsPerMeter} dimensions`,
  })
  .meta({ description: 'Dimension name to JSONPath of a property.', example: { model: '$.model' } });

const meterSchema = z
  .strictObject({
    key: keySchema,
    name: meterNameSchema,
    eventType: eventTypeSchema,
    aggregation: aggregationSchema,
    value: valueSchema.nullable(),
    groupBy: groupBySchema,
    filter: filterSchema.nullable(),
    unit: unitSchema.nullable(),
    metadata: metadataSchema,
    version: z.int().meta({ description: 'Of the definition.', example: 1 }),
    createdAt: instantSchema,
    archivedAt: instantSchema.nullable(),
  })
  .meta({ id: 'Meter' });

const createMeterSchema = z
  .strictObject({
    key: keySchema,
    name: z.exactOptional(meterNameSchema),
    eventType: eventTypeSchema,
    aggregation: aggregationSchema,
    value: z.exactOptional(valueSchema.nullable()),
    groupBy: z.exactOptional(groupBySchema),
    filter: z.exactOptional(filterSchema.nullable()),
    unit: z.exactOptional(unitSchema.nullable()),
    metadata: z.exactOptional(metadataSchema),
  })
  .meta({
    id: 'CreateMeter',
    example: {
      ...{ key: 'input_tokens', eventType: 'llm.request', aggregation: 'sum', value: '$.input_tokens' },
      ...{ groupBy: { model: '$.model' }, unit: 'token' },
    },
  });

/** Named only to say why it is refused. */
const fixed = z.exactOptional(
  z.never({ error: 'never changes: create a new meter' }).meta({ description: 'Never changes.' }),
);

const patchMeterSchema = z
  .strictObject({
    name: z.exactOptional(meterNameSchema),
    unit: z.exactOptional(unitSchema.nullable()),
    metadata: z.exactOptional(metadataSchema),
    key: fixed,
    eventType: z.exactOptional(eventTypeSchema),
    aggregation: z.exactOptional(aggregationSchema),
    value: z.exactOptional(valueSchema.nullable()),
    groupBy: z.exactOptional(groupBySchema),
    filter: z.exactOptional(filterSchema.nullable()),
  })
  .meta({
    id: 'PatchMeter',
    description: 'What is part of the definition makes a new version of the meter.',
    example: { name: 'Input tokens', unit: 'token' },
  });

const params = z.strictObject({ key: keySchema });
const answer = (description: string) => jsonResponse(description, meterSchema, ETAG_HEADER);

export const METER_ROUTES = {
  createMeter: route({
    operationId: 'createMeter',
    method: 'POST',
    path: '/v1/meters',
    tag: 'Meters',
    summary: 'Create a meter; it counts the events that are planned from then on',
    scope: 'meters:write',
    body: createMeterSchema,
    responses: { 201: answer('The meter') },
    errors: [
      'meter.exists',
      'meter.limit_reached',
      'meter.invalid_filter',
      'meter.invalid_value',
      'meter.invalid_path',
      'meter.value_required',
      'meter.value_not_allowed',
    ],
  }),
  listMeters: route({
    operationId: 'listMeters',
    method: 'GET',
    path: '/v1/meters',
    tag: 'Meters',
    summary: 'List meters by key',
    scope: 'meters:read',
    query: listQuerySchema,
    responses: { 200: jsonResponse('A page of meters', listOf('MeterList', meterSchema)) },
  }),
  getMeter: route({
    operationId: 'getMeter',
    method: 'GET',
    path: '/v1/meters/{key}',
    tag: 'Meters',
    summary: 'Read a meter',
    scope: 'meters:read',
    params,
    responses: { 200: answer('The meter') },
    errors: ['meter.not_found'],
  }),
  patchMeter: route({
    operationId: 'patchMeter',
    method: 'PATCH',
    path: '/v1/meters/{key}',
    tag: 'Meters',
    summary:
      'Change a meter; a changed definition counts what is planned from then on, and earlier events by a backfill',
    scope: 'meters:write',
    params,
    body: patchMeterSchema,
    responses: { 200: answer('The meter as it is now') },
    errors: [
      'meter.not_found',
      'meter.archived',
      'meter.dimension_dropped',
      'meter.invalid_filter',
      'meter.invalid_value',
      'meter.invalid_path',
      'meter.value_required',
      'meter.value_not_allowed',
    ],
  }),
  archiveMeter: route({
    operationId: 'archiveMeter',
    method: 'POST',
    path: '/v1/meters/{key}/archive',
    tag: 'Meters',
    summary: 'Archive a meter: it stops counting, its usage stays',
    scope: 'meters:write',
    params,
    responses: { 200: answer('The archived meter') },
    errors: ['meter.not_found'],
  }),
} as const;
