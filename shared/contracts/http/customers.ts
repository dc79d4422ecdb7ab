import { z } from 'zod';
import { isCurrency } from '../../kernel/currency.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { isTimeZone } from '../../kernel/time.ts';
import {
  instantSchema,
  keySchema,
  listOf,
  listQuerySchema,
  metadataSchema,
  nameSchema,
  PLAIN_TEXT,
  PLAIN_TEXT_MESSAGE,
} from './common.ts';
import { ETAG_HEADER, jsonResponse, route } from './route.ts';

export const currencySchema = z
  .string()
  .max(3)
  .refine(isCurrency, { error: 'must be a currency code of ISO 4217' })
  .meta({ description: 'ISO 4217.', example: 'USD' });

export const timeZoneSchema = z
  .string()
  .max(64)
  .refine(isTimeZone, { error: 'must be a time zone of the IANA database' })
  .meta({ description: 'IANA.', example: 'Europe/Berlin' });

const subjectSchema = z
  .string()
  .min(1)
  .max(LIMITS.customerReferenceLength)
  .regex(PLAIN_TEXT, PLAIN_TEXT_MESSAGE)
  .meta({ example: 'acme-eu' });

/** Of a customer. */
export const customerKeySchema = keySchema.meta({ example: 'acme' });

const subjectsSchema = z
  .array(subjectSchema)
  .max(LIMITS.subjectsPerCustomer)
  .refine((subjects) => new Set(subjects).size === subjects.length, {
    error: 'must not name a subject twice',
  })
  .meta({ description: 'Other names that events may use for the customer; unique in the tenant.' });

const customerSchema = z
  .strictObject({
    key: customerKeySchema,
    name: nameSchema,
    currency: currencySchema,
    timeZone: timeZoneSchema,
    subjects: subjectsSchema,
    metadata: metadataSchema,
    createdAt: instantSchema,
    archivedAt: instantSchema.nullable(),
  })
  .meta({ id: 'Customer' });

const createCustomerSchema = z
  .strictObject({
    key: customerKeySchema,
    name: nameSchema,
    currency: currencySchema,
    timeZone: z.exactOptional(timeZoneSchema),
    subjects: z.exactOptional(subjectsSchema),
    metadata: z.exactOptional(metadataSchema),
  })
  .meta({
    id: 'CreateCustomer',
    example: { key: 'acme', name: 'Acme', currency: 'USD', subjects: ['acme-eu', 'acme-us'] },
  });

const patchCustomerSchema = z
  .strictObject({
    name: z.exactOptional(nameSchema),
    currency: z.exactOptional(currencySchema),
    timeZone: z.exactOptional(timeZoneSchema),
    subjects: z.exactOptional(subjectsSchema),
    metadata: z.exactOptional(metadataSchema),
  })
  .meta({ id: 'PatchCustomer', example: { name: 'Acme Corporation', metadata: { team: 'search' } } });

const params = z.strictObject({ key: customerKeySchema });
const answer = (description: string) => jsonResponse(description, customerSchema, ETAG_HEADER);

export const CUSTOMER_ROUTES = {
  createCustomer: route({
    operationId: 'createCustomer',
    method: 'POST',
    path: '/v1/customers',
    tag: 'Customers',
    summary: 'Create a customer',
    scope: 'customers:write',
    body: createCustomerSchema,
    responses: { 201: answer('The customer') },
    errors: ['customer.exists', 'customer.subject_taken'],
  }),
  listCustomers: route({
    operationId: 'listCustomers',
    method: 'GET',
    path: '/v1/customers',
    tag: 'Customers',
    summary: 'List customers by key',
    scope: 'customers:read',
    query: listQuerySchema,
    responses: { 200: jsonResponse('A page of customers', listOf('CustomerList', customerSchema)) },
  }),
  getCustomer: route({
    operationId: 'getCustomer',
    method: 'GET',
    path: '/v1/customers/{key}',
    tag: 'Customers',
    summary: 'Read a customer',
    scope: 'customers:read',
    params,
    responses: { 200: answer('The customer') },
    errors: ['customer.not_found'],
  }),
  patchCustomer: route({
    operationId: 'patchCustomer',
    method: 'PATCH',
    path: '/v1/customers/{key}',
    tag: 'Customers',
    summary: 'Change a customer; absent fields stay as they are',
    scope: 'customers:write',
    params,
    body: patchCustomerSchema,
    responses: { 200: answer('The customer as it is now') },
    errors: ['customer.not_found', 'customer.archived', 'customer.subject_taken'],
  }),
  archiveCustomer: route({
    operationId: 'archiveCustomer',
    method: 'POST',
    path: '/v1/customers/{key}/archive',
    tag: 'Customers',
    summary: 'Archive a customer: later events of it are unattributed',
    scope: 'customers:write',
    params,
    responses: { 200: answer('The archived customer') },
    errors: ['customer.not_found'],
  }),
} as const;
