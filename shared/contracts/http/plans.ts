import { z } from 'zod';
import { CHARGE_ERRORS, chargesSchema } from './charges.ts';
import { instantSchema, keySchema, listOf, listQuerySchema, metadataSchema, nameSchema } from './common.ts';
import { currencySchema } from './customers.ts';
import { versionHeadSchema } from './plan-versions.ts';
import { ETAG_HEADER, jsonResponse, route } from './route.ts';

const cadenceSchema = z
  .enum(['hour', 'day', 'week', 'month', 'quarter', 'year'])
  .meta({ id: 'Cadence', description: 'How long a billing period is.', example: 'month' });

const overlapSchema = z.enum(['forbid', 'allow']).meta({
  id: 'Overlap',
  description:
    'Whether a customer may have several subscriptions of the plan at a time; `forbid` when absent.',
});

/** Of a plan. */
const planKeySchema = keySchema.meta({ example: 'pro' });
const planNameSchema = nameSchema.meta({ example: 'Pro' });

const planFields = {
  key: planKeySchema,
  name: planNameSchema,
  currency: currencySchema,
  cadence: cadenceSchema,
  overlap: overlapSchema,
  metadata: metadataSchema,
  createdAt: instantSchema,
  archivedAt: instantSchema.nullable(),
};

const planSchema = z
  .strictObject({
    ...planFields,
    versions: z.array(versionHeadSchema),
  })
  .meta({ id: 'Plan' });

const planSummarySchema = z.strictObject(planFields).meta({ id: 'PlanSummary' });

const createPlanSchema = z
  .strictObject({
    key: planKeySchema,
    name: planNameSchema,
    currency: currencySchema,
    cadence: cadenceSchema,
    overlap: z.exactOptional(overlapSchema),
    charges: chargesSchema,
    metadata: z.exactOptional(metadataSchema),
  })
  .meta({
    id: 'CreatePlan',
    example: {
      ...{ key: 'pro', name: 'Pro', currency: 'USD', cadence: 'month' },
      charges: chargesSchema.meta()?.example,
    },
  });

/** Named only to say why they are refused. */
const fixed = (message: string) =>
  z.exactOptional(z.never({ error: message }).meta({ description: message }));

const patchPlanSchema = z
  .strictObject({
    name: z.exactOptional(planNameSchema),
    metadata: z.exactOptional(metadataSchema),
    currency: z.exactOptional(currencySchema.meta({ description: 'Fixed by the first publish.' })),
    cadence: z.exactOptional(cadenceSchema.meta({ description: 'Fixed by the first publish.' })),
    key: fixed('Cannot change: create a new plan.'),
    overlap: fixed('Cannot change: create a new plan.'),
    charges: fixed('Cannot change here: they belong to the versions of the plan.'),
  })
  .meta({ id: 'PatchPlan', example: { name: 'Pro' } });

const params = z.strictObject({ key: planKeySchema });
const planAnswer = (description: string) => jsonResponse(description, planSchema, ETAG_HEADER);
export const PLAN_ROUTES = {
  createPlan: route({
    operationId: 'createPlan',
    method: 'POST',
    path: '/v1/plans',
    tag: 'Plans',
    summary: 'Create a plan whose version 1 is a draft',
    scope: 'plans:write',
    body: createPlanSchema,
    responses: { 201: planAnswer('The plan') },
    errors: ['plan.exists', ...CHARGE_ERRORS],
  }),
  listPlans: route({
    operationId: 'listPlans',
    method: 'GET',
    path: '/v1/plans',
    tag: 'Plans',
    summary: 'List plans by key, without their versions',
    scope: 'plans:read',
    query: listQuerySchema,
    responses: { 200: jsonResponse('A page of plans', listOf('PlanList', planSummarySchema)) },
  }),
  getPlan: route({
    operationId: 'getPlan',
    method: 'GET',
    path: '/v1/plans/{key}',
    tag: 'Plans',
    summary: 'Read a plan with the heads of its versions',
    scope: 'plans:read',
    params,
    responses: { 200: planAnswer('The plan') },
    errors: ['plan.not_found'],
  }),
  patchPlan: route({
    operationId: 'patchPlan',
    method: 'PATCH',
    path: '/v1/plans/{key}',
    tag: 'Plans',
    summary: 'Change name or metadata, and until the first publish currency or cadence',
    scope: 'plans:write',
    params,
    body: patchPlanSchema,
    responses: { 200: planAnswer('The plan as it is now') },
    errors: ['plan.not_found', 'plan.archived', 'plan.currency_fixed', 'plan.cadence_fixed'],
  }),
  archivePlan: route({
    operationId: 'archivePlan',
    method: 'POST',
    path: '/v1/plans/{key}/archive',
    tag: 'Plans',
    summary: 'Archive a plan: it gets no new subscriptions and versions, those it has go on',
    scope: 'plans:write',
    params,
    responses: { 200: planAnswer('The archived plan') },
    errors: ['plan.not_found'],
  }),
} as const;
