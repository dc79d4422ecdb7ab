import { z } from 'zod';
import { CURRENCIES } from '../kernel/currency.ts';
import { LIMITS } from '../kernel/limits.ts';
import { chargesSchema } from './http/charges.ts';
import { keySchema } from './http/common.ts';
import { timeZoneSchema } from './http/customers.ts';

/** One form for an instant, so that texts order and compare as instants do. */
const instantSchema = z.iso.datetime({ precision: 3 });
/** Room for a sum of any number of quantities. */
const decimalSchema = z.string().regex(/^-?\d{1,40}(?:\.\d{1,12})?$/);
const { quantityIntegerDigits, quantityScale } = LIMITS;
const quantitySchema = z
  .string()
  .regex(new RegExp(`^-?\\d{1,${quantityIntegerDigits}}(?:\\.\\d{1,${quantityScale}})?$`));
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const versionSchema = z.int().positive();
const periodSchema = z
  .strictObject({ from: instantSchema, to: instantSchema })
  .refine(({ from, to }) => from < to, 'must end after it starts');

const headerSchema = z.strictObject({
  kind: z.literal('evidence'),
  v: z.literal(1),
  invoice: z.strictObject({
    id: z.string(),
    number: z.string().nullable(),
    issuedAt: instantSchema.nullable(),
    dueAt: instantSchema.nullable(),
    finalizedAt: instantSchema.nullable(),
    fence: z.int().nonnegative().nullable(),
  }),
  terms: z.strictObject({
    tenant: z.string(),
    subscription: keySchema,
    customer: keySchema,
    currency: z.enum(CURRENCIES),
    planCurrency: z.enum(CURRENCIES),
    timeZone: timeZoneSchema,
    quantity: decimalSchema,
  }),
  closing: z.strictObject({
    kind: z.enum(['period_start', 'period_end']),
    period: periodSchema,
    revision: z.int().nonnegative(),
  }),
});

const lineSchema = z.strictObject({
  kind: z.literal('line'),
  line: z.string(),
  charge: keySchema,
  planVersion: versionSchema,
  period: periodSchema,
  full: periodSchema,
  meter: z
    .strictObject({
      key: keySchema,
      version: versionSchema,
      aggregation: z.enum(['count', 'sum', 'min', 'max', 'avg', 'latest', 'unique_count']),
    })
    .nullable(),
  invoiced: z.strictObject({ quantity: decimalSchema, amount: decimalSchema }).nullable(),
});

const eventSchema = z.strictObject({
  kind: z.literal('event'),
  source: z.string().max(LIMITS.eventSourceLength),
  id: z.string().max(LIMITS.eventIdLength),
  time: instantSchema,
  quantity: quantitySchema,
  uniqueKey: z.string(),
  dimensions: z.record(z.string(), z.string()),
  meter: keySchema,
  customer: keySchema,
});

/** One line of an evidence file, format 1: what it means is said in shared/domain/invoicing. */
export const evidenceRecordSchema = z.discriminatedUnion('kind', [
  eventSchema,
  headerSchema,
  z.strictObject({ kind: z.literal('version'), version: versionSchema, charges: chargesSchema }),
  lineSchema,
  z.strictObject({
    kind: z.literal('end'),
    lines: z.int().nonnegative(),
    events: z.int().nonnegative(),
    sha256: sha256Schema,
  }),
]);
