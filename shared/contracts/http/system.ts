import { z } from 'zod';
import { jsonResponse, route } from './route.ts';

const healthSchema = z.strictObject({ status: z.literal('ready') }).meta({ id: 'Health' });

export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

export const SYSTEM_ROUTES = {
  getHealth: route({
    operationId: 'getHealth',
    method: 'GET',
    path: '/healthz',
    tag: 'System',
    summary: 'Whether the service can answer',
    scope: 'public',
    responses: { 200: jsonResponse('Ready', healthSchema) },
    errors: ['service.unavailable'],
  }),
  getMetrics: route({
    operationId: 'getMetrics',
    method: 'GET',
    path: '/metrics',
    tag: 'System',
    summary: 'Metrics of this process as OpenMetrics; an installation may open it to all',
    scope: 'metrics:read',
    needsTenant: false,
    responses: { 200: { description: 'Metrics', content: { [OPENMETRICS_TYPE]: z.string() } } },
  }),
  getOpenApi: route({
    operationId: 'getOpenApi',
    method: 'GET',
    path: '/v1/openapi.json',
    tag: 'System',
    summary: 'This document',
    scope: 'public',
    responses: { 200: jsonResponse('OpenAPI 3.1', z.record(z.string(), z.unknown())) },
  }),
} as const;
