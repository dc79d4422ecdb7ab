import { z } from 'zod';
import { integerDigits, parseDecimal } from '../../kernel/decimal.ts';
import { LIMITS } from '../../kernel/limits.ts';
import {
  billingInstantSchema,
  instantSchema,
  keySchema,
  listOf,
  listQuerySchema,
  metadataSchema,
  unfilled,
} from './common.ts';
import { currencySchema, customerKeySchema, timeZoneSchema } from './customers.ts';
import { ETAG_HEADER, jsonResponse, route } from './route.ts';

const { quantityIntegerDigits, quantityScale } = LIMITS;

const quantitySchema = z
  .string()
  .max(LIMITS.keyLength)
  .regex(/^\d+(?:\.\d+)?$/, 'must be a plain decimal that is not negative')
  .refine(hasQuantityDigits, {
    error: `must have at most ${quantityIntegerDigits} digits before the point and ${quantityScale} after it`,
  })
  .meta({ description: 'Multiplies the quantity of recurring charges.', example: '1' });

function hasQuantityDigits(text: string): boolean {
  const parsed = parseDecimal(text);
  return (
    parsed.ok &&
    integerDigits(parsed.value) <= quantityIntegerDigits &&
    parsed.value.decimalPlaces() <= quantityScale
  );
}

const versionSchema = z.int().positive();
const subscriptionKeySchema = keySchema.meta({ example: 'acme-pro' });
const planKeySchema = keySchema.meta({ example: 'pro' });
const periodSchema = z.strictObject({ from: instantSchema, to: instantSchema });

const subscriptionSchema = z
  .strictObject({
    key: subscriptionKeySchema,
    customer: customerKeySchema,
    plan: planKeySchema,
    version: versionSchema.nullable().meta({ description: 'Pinned; null: it follows the plan.' }),
    currency: currencySchema.meta({ description: "The customer's when the subscription was created." }),
    startsAt: instantSchema,
    anchor: instantSchema,
    timeZone: timeZoneSchema,
    quantity: quantitySchema,
    status: z.enum(['active', 'canceled', 'ended']).meta({
      description: '`canceled`: it goes on until `cancelAt`. `ended`: nothing is used after `endedAt`.',
    }),
    cancelAt: instantSchema.nullable(),
    endedAt: instantSchema.nullable(),
    currentPeriod: periodSchema.nullable().meta({
      description: "The period that holds the tenant's present; null before the start and after the end.",
    }),
    metadata: metadataSchema,
    createdAt: instantSchema,
  })
  .meta({ id: 'Subscription' });

const createSubscriptionSchema = z
  .strictObject({
    key: z.exactOptional(subscriptionKeySchema.meta({ description: 'A new id when absent.' })),
    customer: customerKeySchema,
    plan: planKeySchema,
    version: z.exactOptional(
      versionSchema.meta({ description: 'Holds for ever; absent: the subscription follows the plan.' }),
    ),
    startsAt: billingInstantSchema.meta({
      description: 'May lie in the past: all periods since then are billed.',
    }),
    anchor: z.exactOptional(
      billingInstantSchema.meta({
        description: 'Periods are counted from here; `startsAt` when absent. The first one may be partial.',
      }),
    ),
    timeZone: z.exactOptional(timeZoneSchema),
    quantity: z.exactOptional(quantitySchema),
    metadata: z.exactOptional(metadataSchema),
  })
  .meta({
    id: 'CreateSubscription',
    example: { key: 'acme-pro', customer: 'acme', plan: 'pro', startsAt: '2026-11-01T00:00:00Z' },
  });

const patchSubscriptionSchema = z
  .strictObject({ metadata: z.exactOptional(metadataSchema) })
  .meta({ id: 'PatchSubscription', example: { metadata: { team: 'search' } } });

const cancelSubscriptionSchema = z
  .strictObject({ at: z.enum(['now', 'period_end']) })
  .meta({ id: 'CancelSubscription', example: { at: 'period_end' } });

const params = z.strictObject({ key: subscriptionKeySchema });
const answer = (description: string) => jsonResponse(description, subscriptionSchema, ETAG_HEADER);

export const SUBSCRIPTION_ROUTES = {
  createSubscription: route({
    operationId: 'createSubscription',
    method: 'POST',
    path: '/v1/subscriptions',
    tag: 'Subscriptions',
    summary: 'Subscribe a customer to a published plan',
    scope: 'subscriptions:write',
    body: createSubscriptionSchema,
    responses: { 201: answer('The subscription') },
    errors: [
      'subscription.exists',
      'subscription.overlap',
      'subscription.currency_missing',
      'customer.not_found',
      'customer.archived',
      'plan.not_found',
      'plan.archived',
      'plan.not_published',
      'plan.version_not_found',
    ],
  }),
  listSubscriptions: route({
    operationId: 'listSubscriptions',
    method: 'GET',
    path: '/v1/subscriptions',
    tag: 'Subscriptions',
    summary: 'List subscriptions by key',
    scope: 'subscriptions:read',
    query: listQuerySchema.extend({ customer: z.exactOptional(unfilled(customerKeySchema)) }),
    responses: {
      200: jsonResponse('A page of subscriptions', listOf('SubscriptionList', subscriptionSchema)),
    },
  }),
  getSubscription: route({
    operationId: 'getSubscription',
    method: 'GET',
    path: '/v1/subscriptions/{key}',
    tag: 'Subscriptions',
    summary: 'Read a subscription',
    scope: 'subscriptions:read',
    params,
    responses: { 200: answer('The subscription') },
    errors: ['subscription.not_found'],
  }),
  patchSubscription: route({
    operationId: 'patchSubscription',
    method: 'PATCH',
    path: '/v1/subscriptions/{key}',
    tag: 'Subscriptions',
    summary: 'Change the metadata of a subscription',
    scope: 'subscriptions:write',
    params,
    body: patchSubscriptionSchema,
    responses: { 200: answer('The subscription as it is now') },
    errors: ['subscription.not_found'],
  }),
  cancelSubscription: route({
    operationId: 'cancelSubscription',
    method: 'POST',
    path: '/v1/subscriptions/{key}/cancel',
    tag: 'Subscriptions',
    summary: 'End a subscription now or with its period; an end never moves later',
    scope: 'subscriptions:write',
    params,
    body: cancelSubscriptionSchema,
    responses: { 200: answer('The subscription as it is now') },
    errors: ['subscription.not_found'],
  }),
} as const;
