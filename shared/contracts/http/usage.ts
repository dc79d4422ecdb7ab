import { z } from 'zod';
import { LIMITS } from '../../kernel/limits.ts';
import {
  cursorSchema,
  instantInputSchema,
  instantSchema,
  keySchema,
  pageLimit,
  repeatable,
} from './common.ts';
import { timeZoneSchema } from './customers.ts';
import { route } from './route.ts';

const usageQuerySchema = z.strictObject({
  from: instantInputSchema.meta({ description: 'Inclusive.', example: '2026-11-01T00:00:00Z' }),
  to: instantInputSchema.meta({ description: 'Exclusive.', example: '2026-12-01T00:00:00Z' }),
  customer: z.exactOptional(z.string().min(1).max(LIMITS.customerReferenceLength)),
  groupBy: z.exactOptional(
    repeatable(z.string().min(1).max(LIMITS.keyLength)).meta({
      description: 'A dimension, or `customer`.',
      example: ['customer'],
    }),
  ),
  filter: z
    .exactOptional(z.record(z.string(), repeatable(z.string().max(LIMITS.dimensionValueLength))))
    .meta({
      description: '`filter[region]=eu`, repeatable.',
      param: { style: 'deepObject', explode: true },
    }),
  window: z.exactOptional(
    z.string().min(1).max(32).meta({
      description: '`minute`, `hour`, `day`, `week`, `month`, or with `step` a length like `24h`.',
      example: 'day',
    }),
  ),
  step: z.exactOptional(
    z.string().min(1).max(32).meta({ description: 'How far a sliding window moves: `1h`.' }),
  ),
  timeZone: z.exactOptional(timeZoneSchema),
  limit: z.exactOptional(pageLimit(LIMITS.usageRowsMax, LIMITS.usageRowsMax)),
  cursor: z.exactOptional(cursorSchema),
});

const usageAnswerSchema = z
  .strictObject({
    data: z.array(
      z.strictObject({
        from: instantSchema,
        to: instantSchema,
        value: z.string().nullable().meta({
          description: 'An exact decimal; null: no event in a window that needs one.',
          example: '4344045',
        }),
        dimensions: z
          .record(z.string(), z.string().nullable())
          .meta({ example: { customer: 'acme', model: 'large' } }),
      }),
    ),
    completeThrough: instantSchema
      .nullable()
      .meta({ description: 'Everything acknowledged before this instant is in the answer.' }),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'Usage' });

export const USAGE_ROUTES = {
  queryUsage: route({
    operationId: 'queryUsage',
    method: 'GET',
    path: '/v1/meters/{key}/usage',
    tag: 'Meters',
    summary: 'Usage of a meter, exact, by window and group',
    scope: 'usage:read',
    params: z.strictObject({ key: keySchema }),
    query: usageQuerySchema,
    responses: {
      200: {
        description: 'The usage; CSV when the client prefers it',
        content: { 'application/json': usageAnswerSchema, 'text/csv': z.string() },
      },
    },
    errors: [
      'meter.not_found',
      'usage.invalid_range',
      'usage.invalid_window',
      'usage.invalid_time_zone',
      'usage.unknown_dimension',
      'usage.too_many_windows',
      'usage.too_many_groups',
    ],
  }),
} as const;
