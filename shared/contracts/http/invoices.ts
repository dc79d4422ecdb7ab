import { z } from 'zod';
import { instantSchema, keySchema, listOf, listQuerySchema, unfilled } from './common.ts';
import { currencySchema, customerKeySchema } from './customers.ts';

export const moneySchema = z
  .string()
  .max(64)
  .regex(/^-?\d+(?:\.\d+)?$/, 'must be an amount, such as 7.00')
  .meta({ description: "Major units with exactly the currency's decimals.", example: '7.00' });

export const quantitySchema = z
  .string()
  .max(128)
  .regex(/^-?\d+(?:\.\d+)?$/, 'must be a plain decimal')
  .meta({ description: 'A plain decimal.', example: '4344045' });

const versionSchema = z.int().positive();
const subscriptionKeySchema = keySchema.meta({ example: 'acme-pro' });

export const periodSchema = z
  .strictObject({ from: instantSchema, to: instantSchema })
  .meta({ id: 'InvoicePeriod', description: '`from` belongs to it, `to` does not.' });

export const tierSchema = z
  .strictObject({
    upTo: quantitySchema.nullable(),
    quantity: quantitySchema,
    unitAmount: quantitySchema.nullable(),
    flatAmount: quantitySchema.nullable(),
    amount: moneySchema,
  })
  .meta({ id: 'InvoiceTier', description: "A part of a line: the parts add up to the line's amount." });

const digestSchema = z
  .strictObject({
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
      .meta({
        description: "Of the line's rows in the evidence file, each with its line feed.",
        example: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      }),
    events: z.int().nonnegative().meta({ example: 3874 }),
  })
  .meta({ id: 'InvoiceEvidence', description: 'Which events the line counts.' });

export const invoiceLineSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['usage', 'recurring', 'adjustment']).meta({
      description: '`adjustment`: what is due for an earlier period beyond what was invoiced for it.',
    }),
    charge: keySchema,
    description: z.string(),
    period: periodSchema,
    quantity: quantitySchema,
    unit: z.string().nullable(),
    amount: moneySchema,
    planVersion: versionSchema.meta({ description: 'The version of the plan that priced the line.' }),
    meterVersion: versionSchema.nullable(),
    tiers: z.array(tierSchema),
    evidence: digestSchema.nullable(),
  })
  .meta({ id: 'InvoiceLine' });

const quarantinedLineSchema = z
  .strictObject({
    subscription: subscriptionKeySchema,
    customer: customerKeySchema,
    charge: keySchema,
    kind: z.enum(['usage', 'recurring', 'adjustment']),
    planVersion: versionSchema,
    period: periodSchema.meta({ description: 'What it would bill.' }),
    invoice: z.string().meta({ description: 'The invoice that it was missing on first.' }),
    code: z.string().meta({ description: 'Why it could not be made, `area.reason`.' }),
    message: z.string(),
    quarantinedAt: instantSchema.meta({ description: "On the tenant's clock." }),
    triedAt: instantSchema.meta({ description: 'When it was tried last; each closing tries it again.' }),
  })
  .meta({ id: 'QuarantinedLine', description: 'A line that could not be made and is on no invoice yet.' });

export const quarantinedLineListSchema = listOf('QuarantinedLineList', quarantinedLineSchema);

const statusSchema = z.enum(['draft', 'finalized', 'paid', 'void', 'uncollectible']);

export const invoiceIdSchema = z.string().meta({ example: 'inv_42fb8ykexj9dmww3r3rkbn9sv6' });

export const invoiceSchema = z
  .strictObject({
    id: invoiceIdSchema,
    number: z.string().nullable().meta({
      example: 'INV-000001',
      description: 'Null until the invoice is finalized.',
    }),
    status: statusSchema,
    customer: customerKeySchema,
    currency: currencySchema,
    period: periodSchema,
    issuedAt: instantSchema.nullable(),
    dueAt: instantSchema.nullable(),
    finalizedAt: instantSchema.nullable(),
    subtotal: moneySchema,
    discountTotal: moneySchema,
    taxTotal: moneySchema,
    creditTotal: moneySchema,
    total: moneySchema,
    amountPaid: moneySchema,
    amountDue: moneySchema,
    lines: z.array(invoiceLineSchema).meta({ description: 'The first ones.' }),
    linesNextCursor: z.string().nullable().meta({ description: 'Null: these are all lines.' }),
    fence: z
      .int()
      .nonnegative()
      .nullable()
      .meta({ description: 'Events behind this fence are not on the invoice.', example: 4711 }),
  })
  .meta({ id: 'Invoice' });

export type InvoiceWire = z.output<typeof invoiceSchema>;

export const upcomingInvoiceSchema = invoiceSchema
  .extend({
    completeThrough: instantSchema.nullable().meta({
      description:
        'Everything acknowledged before this instant is on the invoice; null where nothing is known to be.',
    }),
  })
  .meta({ id: 'UpcomingInvoice' });

export const invoiceListSchema = listOf('InvoiceList', invoiceSchema);
export const invoiceLineListSchema = listOf('InvoiceLineList', invoiceLineSchema);

export const invoicePdfQuerySchema = z.strictObject({
  paper: z.exactOptional(z.enum(['a4', 'letter']).meta({ description: '`a4` when absent.' })),
});

export const invoiceListQuerySchema = listQuerySchema.extend({
  customer: z.exactOptional(unfilled(keySchema)),
  subscription: z.exactOptional(unfilled(keySchema)),
  status: z.exactOptional(statusSchema),
});
