import { z } from 'zod';
import { LIMITS } from '../../kernel/limits.ts';
import { dayText, parseInstant } from '../../kernel/time.ts';

/** Wire shapes that all resources share. Objects are strict: a field nobody knows is refused, never ignored. */

/** Names chosen by the client. They are part of addresses and partition keys, so separators are left out. */
export const keySchema = z
  .string()
  .max(LIMITS.keyLength)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'must start with a letter or digit and hold only letters, digits and . _ -',
  )
  .meta({ description: 'A key chosen by the client; it never changes.', example: 'input_tokens' });

/** One line of text: no control characters, no half of a surrogate pair, which no store could keep. */
export const PLAIN_TEXT = /^[^\p{Cc}\p{Cs}]*$/u;
export const PLAIN_TEXT_MESSAGE = 'must not hold control characters or lone surrogates';
const WELL_FORMED = /^\P{Cs}*$/u;

export const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(LIMITS.nameLength)
  .regex(PLAIN_TEXT, PLAIN_TEXT_MESSAGE)
  .meta({ example: 'Acme' });

export const metadataSchema = z
  .record(
    z.string().min(1).max(LIMITS.metadataKeyLength).regex(PLAIN_TEXT, PLAIN_TEXT_MESSAGE),
    z
      .string()
      .max(LIMITS.metadataValueLength)
      .regex(WELL_FORMED, 'must not hold lone surrogates')
      .meta({ example: 'search' }),
  )
  .refine((value) => Object.keys(value).length <= LIMITS.metadataEntries, {
    error: `must have at most ${LIMITS.metadataEntries} entries`,
  })
  .meta({
    id: 'Metadata',
    description: `Up to ${LIMITS.metadataEntries} texts by name, kept as they are.`,
    example: { team: 'search' },
  });

/**
 * The same without an example, for what a query string may leave out: pages that show the API fill examples in, and would
 * ask for somebody who is not there.
 */
export function unfilled<S extends z.ZodType>(schema: S): S {
  return schema.meta({ example: undefined });
}

export const modeSchema = z.enum(['live', 'test']);

/** An instant that the API shows: RFC 3339, UTC, milliseconds. */
export const instantSchema = z.string().meta({
  format: 'date-time',
  description: 'RFC 3339, UTC, with milliseconds.',
  example: '2026-11-24T13:00:00.000Z',
});

/** An instant that the API takes: RFC 3339 with any offset; parsed to epoch ms. */
export const instantInputSchema = z
  .string()
  .max(64)
  .transform((text, context) => {
    const parsed = parseInstant(text);
    if (parsed.ok) return parsed.value;
    context.addIssue({ code: 'custom', message: 'must be a date-time of RFC 3339 with an offset or Z' });
    return z.NEVER;
  })
  .meta({
    override: { type: 'string', format: 'date-time' },
    description: 'RFC 3339 with an offset or Z; digits beyond milliseconds are cut.',
    example: '2026-11-24T13:00:00Z',
  });

const EARLIEST_DAY = dayText(LIMITS.billingEarliestMs);
const LATEST_DAY = dayText(LIMITS.billingLatestMs);

/** An instant from which periods are counted: far enough from the ends of the calendar for any number of them. */
export const billingInstantSchema = instantInputSchema.refine(
  (instantMs) => instantMs >= LIMITS.billingEarliestMs && instantMs < LIMITS.billingLatestMs,
  { error: `must be from ${EARLIEST_DAY} to before ${LATEST_DAY}` },
);

/** How many rows a page may have. Numbers in a query string are text; the document calls them integers. */
export function pageLimit(maximum: number, usual: number) {
  return z
    .string()
    .regex(/^[1-9][0-9]{0,5}$/, 'must be a whole number above 0')
    .refine((text) => Number(text) <= maximum, { error: `must be at most ${maximum}` })
    .meta({
      override: ({ jsonSchema }) => {
        delete jsonSchema.pattern;
        Object.assign(jsonSchema, { type: 'integer', minimum: 1, maximum, default: usual });
      },
    });
}

const limitSchema = pageLimit(LIMITS.pageSizeMax, LIMITS.pageSizeDefault);

export const cursorSchema = z
  .string()
  .min(1)
  .max(2_048)
  .meta({ description: '`nextCursor` of the page before, with the same query.' });

export const listQuerySchema = z.strictObject({
  limit: z.exactOptional(limitSchema),
  cursor: z.exactOptional(cursorSchema),
});

/** A parameter that may be given several times. */
export function repeatable(item: z.ZodType<string, string>) {
  return z
    .union([item, z.array(item)])
    .transform((value): readonly string[] => (Array.isArray(value) ? value : [value]))
    .meta({
      override: ({ jsonSchema }) => {
        delete jsonSchema.anyOf;
        jsonSchema.type = 'array';
        jsonSchema.items = { type: 'string' };
      },
    });
}

export function listOf<T extends z.ZodType>(id: string, item: T) {
  return z.strictObject({ data: z.array(item), nextCursor: z.string().nullable() }).meta({ id });
}

export const problemSchema = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: '`area.reason`; match on this.' }),
    detail: z.string(),
    requestId: z.string(),
    errors: z.array(z.strictObject({ path: z.string(), code: z.string(), message: z.string() })),
  })
  .meta({
    id: 'Problem',
    description: 'RFC 9457.',
    example: {
      type: 'urn:countinghouse:error:request.missing_field',
      title: 'A required field is missing',
      status: 400,
      code: 'request.missing_field',
      detail: 'A required field is missing',
      requestId: 'req_01j9f4v3k8e7ztq5m2d6c0b1a9',
      errors: [{ path: 'currency', code: 'request.missing_field', message: 'is required' }],
    },
  });

export type Problem = z.output<typeof problemSchema>;
