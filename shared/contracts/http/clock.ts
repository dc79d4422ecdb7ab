import { z } from 'zod';
import { instantInputSchema, instantSchema } from './common.ts';
import { jsonResponse, route } from './route.ts';

const clockSchema = z
  .strictObject({
    now: instantSchema,
    status: z.enum(['ready', 'advancing']),
    advancingTo: z.exactOptional(instantSchema),
  })
  .meta({ id: 'Clock' });

const putClockSchema = z.strictObject({ now: instantInputSchema }).meta({ id: 'PutClock' });

export const CLOCK_ROUTES = {
  getClock: route({
    operationId: 'getClock',
    method: 'GET',
    path: '/v1/clock',
    tag: 'Clock',
    summary: "The tenant's present",
    scope: 'clock:read',
    responses: { 200: jsonResponse('The clock', clockSchema) },
  }),
  putClock: route({
    operationId: 'putClock',
    method: 'PUT',
    path: '/v1/clock',
    tag: 'Clock',
    summary: 'Stop the clock of a test tenant at an instant, until it has events or subscriptions',
    scope: 'clock:write',
    body: putClockSchema,
    responses: { 200: jsonResponse('The clock', clockSchema) },
    errors: ['clock.live_tenant', 'clock.in_use'],
  }),
  deleteClock: route({
    operationId: 'deleteClock',
    method: 'DELETE',
    path: '/v1/clock',
    tag: 'Clock',
    summary: 'Return a test tenant to real time',
    scope: 'clock:write',
    responses: { 200: jsonResponse('The clock', clockSchema) },
    errors: ['clock.live_tenant', 'clock.in_use'],
  }),
} as const;
