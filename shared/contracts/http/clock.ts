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

const putClockSchema = z
  .strictObject({ now: instantInputSchema })
  .meta({ id: 'PutClock', example: { now: '2026-01-01T00:00:00Z' } });

const advanceClockSchema = z
  .strictObject({ to: instantInputSchema })
  .meta({ id: 'AdvanceClock', example: { to: '2026-02-02T00:00:01Z' } });

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
  advanceClock: route({
    operationId: 'advanceClock',
    method: 'POST',
    path: '/v1/clock/advance',
    tag: 'Clock',
    summary: 'Move a set clock forward, one instant of due items at a time; ask again while it is advancing',
    scope: 'clock:write',
    body: advanceClockSchema,
    responses: {
      200: jsonResponse('The clock has arrived', clockSchema),
      202: jsonResponse('Under way; the same request goes on with it', clockSchema),
    },
    errors: ['clock.live_tenant', 'clock.not_set', 'clock.backwards', 'clock.advancing'],
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
