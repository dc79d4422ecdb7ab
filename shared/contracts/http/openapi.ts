import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { ERROR_CATALOGUE, type ErrorCode } from '../../kernel/errors.ts';
import { problemSchema } from './common.ts';
import { statusOf } from './problem-status.ts';
import type { RouteContract } from './route.ts';
import { ROUTES } from './routes.ts';

/** Codes that any route with a key can answer. */
const COMMON_ERRORS: readonly ErrorCode[] = ['auth.missing_key', 'auth.invalid_key', 'auth.missing_scope'];
/** Of answers 429, and but for the first of every success that took a key. */
const LIMIT_HEADERS = {
  'Retry-After': 'Seconds after which the same request can pass.',
  'RateLimit-Limit': 'What the tighter of the limits of tenant and key lets through at once, after a pause.',
  'RateLimit-Remaining': 'How much of it is left now.',
  'RateLimit-Reset': 'Seconds after which all of it is there again.',
  'RateLimit-Policy': 'The limit, with the seconds in which all of it comes back.',
} as const;
const BODY_ERRORS: readonly ErrorCode[] = [
  'request.malformed_json',
  'request.unknown_field',
  'request.missing_field',
  'request.invalid_field',
  'request.unsupported_media_type',
  'request.body_too_large',
];

/** The OpenAPI 3.1 document, made from the route contracts and from nothing else. */
export function openApiDocument(): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const contract of Object.values<RouteContract>(ROUTES)) {
    const path = paths[contract.path] ?? {};
    paths[contract.path] = { ...path, [contract.method.toLowerCase()]: operation(contract) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'countinghouse',
      version: '1.0.0',
      description:
        'Usage-based billing that can prove every cent. Times are UTC, quantities and money are strings.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ apiKey: [] }],
    paths,
    components: {
      responses: { RateExceeded: rateExceeded() },
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'Authorization: Bearer chk_live_… or chk_test_…',
        },
      },
    },
  });
}

function operation(contract: RouteContract): ZodOpenApiOperationObject {
  const parameters = [
    ...(contract.idempotent ? [headerParameter('Idempotency-Key', false, IDEMPOTENCY_TEXT)] : []),
    ...(contract.ifMatch ? [headerParameter('If-Match', true, 'The ETag of the version to change.')] : []),
    ...Object.entries(contract.requestHeaders ?? {}).map(([name, does]) =>
      headerParameter(name, false, does),
    ),
  ];
  return {
    operationId: contract.operationId,
    summary: contract.summary,
    tags: [contract.tag],
    ...(contract.scope === 'public' ? { security: [] } : { 'x-required-scope': contract.scope }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestParams(contract),
    ...requestBody(contract),
    responses: {
      ...successResponses(contract),
      ...errorResponses(contract),
      ...(contract.scope === 'public' ? {} : { '429': { $ref: '#/components/responses/RateExceeded' } }),
    },
  };
}

const PROBLEM_CONTENT = { 'application/problem+json': { schema: problemSchema } };
const IDEMPOTENCY_TEXT = 'The same key with the same request within 24 hours gives the first answer again.';

function headerParameter(name: string, required: boolean, description: string) {
  return { name, in: 'header' as const, required, description, schema: { type: 'string' as const } };
}

function requestParams(contract: RouteContract): Pick<ZodOpenApiOperationObject, 'requestParams'> {
  if (contract.params === undefined && contract.query === undefined) return {};
  return {
    requestParams: {
      ...(contract.params === undefined ? {} : { path: contract.params }),
      ...(contract.query === undefined ? {} : { query: contract.query }),
    },
  };
}

function requestBody(contract: RouteContract): Pick<ZodOpenApiOperationObject, 'requestBody'> {
  const schema = contract.body;
  if (schema === undefined) return {};
  const bodies = Object.entries({ 'application/json': schema, ...contract.otherBodies });
  const content = Object.fromEntries(bodies.map(([type, body]) => [type, { schema: body }]));
  return { requestBody: { required: !contract.bodyOptional, content } };
}

function successResponses(contract: RouteContract): ZodOpenApiOperationObject['responses'] {
  const entries = Object.entries(contract.responses).map(([status, response]) => {
    const content = Object.entries(response.content).map(([type, schema]) => [type, { schema }] as const);
    return [
      status,
      {
        description: response.description,
        ...headersOf(response.headers),
        content: Object.fromEntries(content),
      },
    ] as const;
  });
  return Object.fromEntries(entries);
}

/** The same of every route with a key. */
function rateExceeded() {
  return {
    description: described(['limit.rate_exceeded']),
    ...headersOf(LIMIT_HEADERS),
    content: PROBLEM_CONTENT,
  };
}

function described(codes: readonly ErrorCode[]): string {
  return codes.map((code) => `\`${code}\`: ${ERROR_CATALOGUE[code].title}`).join('. ');
}

function headersOf(headers: Readonly<Record<string, string>> = {}) {
  const entries = Object.entries(headers).map(
    ([name, description]) => [name, { description, schema: { type: 'string' as const } }] as const,
  );
  return entries.length === 0 ? {} : { headers: Object.fromEntries(entries) };
}

/** One response a status, naming the codes that lead to it. */
function errorResponses(contract: RouteContract): ZodOpenApiOperationObject['responses'] {
  const codes: ErrorCode[] = [...contract.errors];
  if (contract.scope !== 'public') codes.push(...COMMON_ERRORS);
  if (contract.needsTenant) codes.push('auth.no_tenant');
  if (contract.body !== undefined) codes.push(...BODY_ERRORS);
  else if (contract.query !== undefined) codes.push('request.unknown_field', 'request.invalid_field');
  if (contract.idempotent) codes.push('idempotency.key_reused', 'idempotency.in_progress');
  if (contract.ifMatch) codes.push('request.precondition_required', 'request.precondition_failed');
  const byStatus = Map.groupBy(codes, statusOf);
  const entries = [...byStatus]
    .filter(([status]) => contract.responses[status] === undefined)
    .sort(([a], [b]) => a - b)
    .map(([status, of]) => [
      String(status),
      {
        description: described(of),
        content: PROBLEM_CONTENT,
      },
    ]);
  return Object.fromEntries(entries);
}

/** The document as it is kept in docs/openapi.json. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}
