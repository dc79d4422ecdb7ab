import { z } from 'zod';
import { instantSchema, keySchema, listQuerySchema } from './common.ts';
import { currencySchema } from './customers.ts';
import { moneySchema, periodSchema, quantitySchema, tierSchema } from './invoices.ts';
import { jsonResponse, route } from './route.ts';

const versionSchema = z.int().positive();
const UNPRICED = 'Null: the charge cannot be priced for now.';

const customerChargeSchema = z
  .strictObject({
    subscription: keySchema,
    plan: keySchema,
    planVersion: versionSchema.meta({ description: 'The version of the plan that holds in the segment.' }),
    charge: keySchema,
    name: z.string(),
    period: periodSchema,
    segment: periodSchema,
    quantity: quantitySchema.nullable().meta({ description: UNPRICED }),
    unit: z.string().nullable(),
    currency: currencySchema,
    amount: moneySchema.nullable().meta({ description: UNPRICED }),
    unroundedAmount: quantitySchema.nullable().meta({
      description: `The amount before rounding, to 28 decimals. ${UNPRICED}`,
      example: '7.0000000000015',
    }),
    meterVersion: versionSchema.nullable(),
    tiers: z.array(tierSchema),
    fence: z
      .int()
      .nonnegative()
      .nullable()
      .meta({ description: 'Events behind this fence are not counted; null: none is counted yet.' }),
  })
  .meta({
    id: 'CustomerCharge',
    description: 'What a charge comes to in its segment of the period, so far.',
  });

const customerChargesSchema = z
  .strictObject({
    data: z.array(customerChargeSchema),
    nextCursor: z.string().nullable(),
    completeThrough: instantSchema
      .nullable()
      .meta({ description: 'Everything acknowledged before this instant is counted.' }),
  })
  .meta({ id: 'CustomerCharges' });

export const CUSTOMER_CHARGE_ROUTES = {
  listCustomerCharges: route({
    operationId: 'listCustomerCharges',
    method: 'GET',
    path: '/v1/customers/{key}/charges',
    tag: 'Invoices',
    summary: 'List what the charges of a customer come to in their current periods, so far',
    scope: 'invoices:read',
    params: z.strictObject({ key: keySchema }),
    query: listQuerySchema,
    responses: { 200: jsonResponse('A page of charges', customerChargesSchema) },
    errors: ['customer.not_found'],
  }),
} as const;
