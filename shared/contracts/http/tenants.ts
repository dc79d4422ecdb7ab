import { z } from 'zod';
import {
  instantSchema,
  keySchema,
  listOf,
  listQuerySchema,
  metadataSchema,
  modeSchema,
  nameSchema,
} from './common.ts';
import { limitsInputSchema, limitsSchema } from './rate-limits.ts';
import { ETAG_HEADER, jsonResponse, route } from './route.ts';

const tenantKeySchema = keySchema.meta({ example: 'acme-corp' });

const claimsSchema = z.enum(['exact', 'packed-by-time']).meta({
  description:
    'How an event that comes again is known; it can never be changed. `exact`: by its source and id. `packed-by-time`: by source, id ' +
    'and the `time` that it was sent with, at a fraction of the cost, for ids that carry no time; an event that comes again with another ' +
    '`time` counts again, and is found only when its invoice is made.',
});

const changedLimitsSchema = limitsInputSchema('tenant');

const tenantSchema = z
  .strictObject({
    key: tenantKeySchema,
    name: nameSchema,
    mode: modeSchema,
    claims: claimsSchema,
    metadata: metadataSchema,
    limits: limitsSchema('tenant'),
    createdAt: instantSchema,
    archivedAt: instantSchema.nullable(),
  })
  .meta({ id: 'Tenant' });

const createTenantSchema = z
  .strictObject({
    key: tenantKeySchema,
    name: nameSchema,
    mode: modeSchema,
    claims: z.exactOptional(claimsSchema),
    metadata: z.exactOptional(metadataSchema),
    limits: z.exactOptional(changedLimitsSchema),
  })
  .meta({ id: 'CreateTenant', example: { key: 'acme-corp', name: 'Acme', mode: 'test' } });

const patchTenantSchema = z
  .strictObject({
    name: z.exactOptional(nameSchema),
    metadata: z.exactOptional(metadataSchema),
    limits: z.exactOptional(changedLimitsSchema),
  })
  .meta({ id: 'PatchTenant', example: { name: 'Acme' } });

const subLanesSchema = z
  .strictObject({
    inForce: z.int(),
    pending: z.int().nullable().meta({ description: 'In force as soon as a fence has passed in each.' }),
  })
  .meta({ id: 'SubLanes' });
const raiseSubLanesSchema = z
  .strictObject({ count: z.literal([2, 4, 8, 16]) })
  .meta({ id: 'RaiseSubLanes', example: { count: 4 } });

const params = z.strictObject({ key: tenantKeySchema });
const answer = (description: string) => jsonResponse(description, tenantSchema, ETAG_HEADER);

export const TENANT_ROUTES = {
  createTenant: route({
    operationId: 'createTenant',
    method: 'POST',
    path: '/v1/tenants',
    tag: 'Tenants',
    summary: 'Create a tenant',
    scope: 'operator',
    body: createTenantSchema,
    responses: { 201: answer('The tenant') },
    errors: ['tenant.exists'],
  }),
  listTenants: route({
    operationId: 'listTenants',
    method: 'GET',
    path: '/v1/tenants',
    tag: 'Tenants',
    summary: 'List tenants by key',
    scope: 'operator',
    query: listQuerySchema,
    responses: { 200: jsonResponse('A page of tenants', listOf('TenantList', tenantSchema)) },
  }),
  getTenant: route({
    operationId: 'getTenant',
    method: 'GET',
    path: '/v1/tenants/{key}',
    tag: 'Tenants',
    summary: 'Read a tenant: the own one, or any with the scope operator',
    scope: 'tenant:read',
    needsTenant: false,
    params,
    responses: { 200: answer('The tenant') },
    errors: ['tenant.not_found'],
  }),
  patchTenant: route({
    operationId: 'patchTenant',
    method: 'PATCH',
    path: '/v1/tenants/{key}',
    tag: 'Tenants',
    summary: 'Change name, metadata or limits of a tenant; limits are in force everywhere within seconds',
    scope: 'operator',
    params,
    body: patchTenantSchema,
    responses: { 200: answer('The tenant as it is now') },
    errors: ['tenant.not_found'],
  }),
  getSubLanes: route({
    operationId: 'getSubLanes',
    method: 'GET',
    path: '/v1/tenants/{key}/sub-lanes',
    tag: 'Tenants',
    summary: "Into how many ordered streams a tenant's events are spread",
    scope: 'operator',
    params,
    responses: { 200: jsonResponse('The sub-lanes', subLanesSchema) },
    errors: ['tenant.not_found'],
  }),
  raiseSubLanes: route({
    operationId: 'raiseSubLanes',
    method: 'POST',
    path: '/v1/tenants/{key}/sub-lanes',
    tag: 'Tenants',
    summary: "Spread a large tenant's events over more streams; never over fewer again",
    scope: 'operator',
    idempotent: false,
    params,
    body: raiseSubLanesSchema,
    responses: { 202: jsonResponse('The sub-lanes', subLanesSchema) },
    errors: ['tenant.not_found', 'tenant.sub_lanes_lowered'],
  }),
  archiveTenant: route({
    operationId: 'archiveTenant',
    method: 'POST',
    path: '/v1/tenants/{key}/archive',
    tag: 'Tenants',
    summary: 'Archive a tenant: its keys stop working, except those with the scope operator',
    scope: 'operator',
    params,
    responses: { 200: answer('The archived tenant') },
    errors: ['tenant.not_found'],
  }),
} as const;
