import { z } from 'zod';
import { LIMITS } from '../../kernel/limits.ts';
import {
  instantInputSchema,
  instantSchema,
  keySchema,
  listOf,
  listQuerySchema,
  modeSchema,
  nameSchema,
  unfilled,
} from './common.ts';
import { limitsInputSchema, limitsSchema } from './rate-limits.ts';
import { jsonResponse, route } from './route.ts';
import { scopeSchema } from './scopes.ts';

const keyNameSchema = nameSchema.meta({ example: 'ingest' });
const tenantKeySchema = keySchema.meta({ example: 'acme-corp' });
const keyIdSchema = z.string().max(LIMITS.keyLength).meta({ example: 'key_01j9f4v3k8e7ztq5m2d6c0b1a9' });

const keyFields = {
  id: keyIdSchema,
  name: keyNameSchema,
  tenant: tenantKeySchema.nullable().meta({ description: 'Null: a key of the operator.' }),
  mode: modeSchema,
  scopes: z.array(scopeSchema),
  limits: limitsSchema('key'),
  createdAt: instantSchema,
  expiresAt: instantSchema.nullable(),
  revokedAt: instantSchema.nullable(),
};

const apiKeySchema = z.strictObject(keyFields).meta({ id: 'ApiKey' });

const createdApiKeySchema = z
  .strictObject({
    ...keyFields,
    secret: z.string().meta({ description: 'Shown this once and stored nowhere.' }),
  })
  .meta({ id: 'CreatedApiKey' });

const createApiKeySchema = z
  .strictObject({
    name: keyNameSchema,
    tenant: z.exactOptional(
      tenantKeySchema
        .nullable()
        .meta({ description: "The caller's own when absent; others need the scope operator." }),
    ),
    scopes: z
      .array(scopeSchema)
      .min(1)
      .max(LIMITS.scopesPerKey)
      .refine((scopes) => new Set(scopes).size === scopes.length, { error: 'must not name a scope twice' }),
    expiresAt: z.exactOptional(instantInputSchema.nullable()),
    limits: z.exactOptional(limitsInputSchema('key')),
  })
  .meta({ id: 'CreateApiKey', example: { name: 'ingest', scopes: ['events:write'] } });

const params = z.strictObject({ id: keyIdSchema });

export const KEY_ROUTES = {
  createKey: route({
    operationId: 'createKey',
    method: 'POST',
    path: '/v1/keys',
    tag: 'Keys',
    summary: 'Create an API key; it can grant only what the calling key may do',
    scope: 'keys:write',
    needsTenant: false,
    body: createApiKeySchema,
    responses: { 201: jsonResponse('The key with its secret', createdApiKeySchema) },
    errors: ['auth.scope_escalation', 'tenant.not_found', 'key.limit_reached'],
  }),
  listKeys: route({
    operationId: 'listKeys',
    method: 'GET',
    path: '/v1/keys',
    tag: 'Keys',
    summary: 'List the keys of the own tenant, or of any with the scope operator',
    scope: 'keys:read',
    needsTenant: false,
    query: listQuerySchema.extend({ tenant: z.exactOptional(unfilled(tenantKeySchema)) }),
    responses: { 200: jsonResponse('A page of keys', listOf('ApiKeyList', apiKeySchema)) },
    errors: ['tenant.not_found'],
  }),
  getKey: route({
    operationId: 'getKey',
    method: 'GET',
    path: '/v1/keys/{id}',
    tag: 'Keys',
    summary: 'Read a key',
    scope: 'keys:read',
    needsTenant: false,
    params,
    responses: { 200: jsonResponse('The key without its secret', apiKeySchema) },
    errors: ['key.not_found'],
  }),
  revokeKey: route({
    operationId: 'revokeKey',
    method: 'POST',
    path: '/v1/keys/{id}/revoke',
    tag: 'Keys',
    summary: 'Revoke a key for ever; in force everywhere within seconds',
    scope: 'keys:write',
    needsTenant: false,
    params,
    responses: { 200: jsonResponse('The revoked key', apiKeySchema) },
    errors: ['key.not_found'],
  }),
} as const;
