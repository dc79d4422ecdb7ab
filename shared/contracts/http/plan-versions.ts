import { z } from 'zod';
import { LIMITS } from '../../kernel/limits.ts';
import { CHARGE_ERRORS, chargesSchema } from './charges.ts';
import { billingInstantSchema, instantSchema, keySchema, PLAIN_TEXT, PLAIN_TEXT_MESSAGE } from './common.ts';
import { ETAG_HEADER, jsonResponse, route } from './route.ts';

const applySchema = z.enum(['next_period', 'immediately']).meta({
  id: 'Apply',
  description: 'When following subscriptions take the version up: at their next period, or at once.',
});

const reasonSchema = z
  .string()
  .min(1)
  .max(LIMITS.reasonLength)
  .regex(PLAIN_TEXT, PLAIN_TEXT_MESSAGE)
  .meta({ example: 'launch' });
const planKeySchema = keySchema.meta({ example: 'pro' });
const statusSchema = z.enum(['draft', 'published']);

const headFields = {
  version: z.int().positive(),
  status: statusSchema,
  effectiveFrom: instantSchema.nullable(),
  apply: applySchema.nullable(),
  reason: reasonSchema.nullable(),
  createdAt: instantSchema,
  publishedAt: instantSchema.nullable(),
};

export const versionHeadSchema = z.strictObject(headFields).meta({ id: 'PlanVersionHead' });

const planVersionSchema = z
  .strictObject({ plan: keySchema, ...headFields, charges: chargesSchema })
  .meta({ id: 'PlanVersion', description: 'Once published it never changes.' });

const createVersionSchema = z
  .strictObject({
    charges: z.exactOptional(chargesSchema).meta({ description: 'Those of the newest version when absent.' }),
  })
  .meta({ id: 'CreatePlanVersion', example: {} });

const putVersionSchema = z
  .strictObject({ charges: chargesSchema })
  .meta({ id: 'PutPlanVersion', example: { charges: chargesSchema.meta()?.example } });

const publishSchema = z
  .strictObject({
    effectiveFrom: z.exactOptional(
      billingInstantSchema.meta({
        description:
          "The tenant's present when absent. In the past for the first publish only; never before the newest one.",
      }),
    ),
    apply: z.exactOptional(applySchema),
    reason: z.exactOptional(reasonSchema),
  })
  .meta({ id: 'PublishPlanVersion', example: { apply: 'next_period', reason: 'launch' } });

const params = z.strictObject({ key: planKeySchema });
const versionParams = params.extend({
  version: z
    .string()
    .regex(/^[1-9][0-9]{0,5}$/, 'must be a number of a version')
    .meta({ override: { type: 'integer', minimum: 1 } }),
});
const versionAnswer = (description: string) => jsonResponse(description, planVersionSchema, ETAG_HEADER);

const VERSIONS = '/v1/plans/{key}/versions';

export const PLAN_VERSION_ROUTES = {
  createPlanVersion: route({
    operationId: 'createPlanVersion',
    method: 'POST',
    path: VERSIONS,
    tag: 'Plans',
    summary: 'Draft a new version, with the charges of the newest one unless it says others',
    scope: 'plans:write',
    params,
    body: createVersionSchema,
    bodyOptional: true,
    responses: { 201: versionAnswer('The draft') },
    errors: [
      'plan.not_found',
      'plan.archived',
      'plan.draft_exists',
      'plan.version_limit_reached',
      ...CHARGE_ERRORS,
    ],
  }),
  getPlanVersion: route({
    operationId: 'getPlanVersion',
    method: 'GET',
    path: `${VERSIONS}/{version}`,
    tag: 'Plans',
    summary: 'Read a version',
    scope: 'plans:read',
    params: versionParams,
    responses: { 200: versionAnswer('The version') },
    errors: ['plan.not_found', 'plan.version_not_found'],
  }),
  putPlanVersion: route({
    operationId: 'putPlanVersion',
    method: 'PUT',
    path: `${VERSIONS}/{version}`,
    tag: 'Plans',
    summary: 'Replace the charges of a draft',
    scope: 'plans:write',
    params: versionParams,
    body: putVersionSchema,
    ifMatch: true,
    responses: { 200: versionAnswer('The draft as it is now') },
    errors: [
      'plan.not_found',
      'plan.archived',
      'plan.version_not_found',
      'plan.version_published',
      ...CHARGE_ERRORS,
    ],
  }),
  publishPlanVersion: route({
    operationId: 'publishPlanVersion',
    method: 'POST',
    path: `${VERSIONS}/{version}/publish`,
    tag: 'Plans',
    summary: 'Publish a draft: from then on it never changes',
    scope: 'plans:write',
    params: versionParams,
    body: publishSchema,
    bodyOptional: true,
    responses: { 200: versionAnswer('The published version') },
    errors: [
      'plan.not_found',
      'plan.archived',
      'plan.version_not_found',
      'plan.version_published',
      'plan.effective_from_invalid',
      'plan.unknown_meter',
      'plan.unknown_dimension',
      'plan.currency_dropped',
      ...CHARGE_ERRORS,
    ],
  }),
  deletePlanVersion: route({
    operationId: 'deletePlanVersion',
    method: 'DELETE',
    path: `${VERSIONS}/{version}`,
    tag: 'Plans',
    summary: 'Delete a draft; its number is not used again',
    scope: 'plans:write',
    params: versionParams,
    responses: { 200: jsonResponse('The deleted draft', planVersionSchema) },
    errors: ['plan.not_found', 'plan.version_not_found', 'plan.version_published'],
  }),
} as const;
