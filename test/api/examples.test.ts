import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from '../../shared/contracts/http/openapi.ts';
import type { RouteContract } from '../../shared/contracts/http/route.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const doc = JSON.parse(JSON.stringify(openApiDocument()));

/** Every object of a document, with where it stands. */
function* nodesOf(value: unknown, place = ''): Generator<readonly [string, Node]> {
  if (isNode(value)) yield [place, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name !== 'example') yield* nodesOf(member, `${place}/${name}`);
  }
}

/** All schemas that one is made of, itself included. */
function* schemasIn(value: unknown, seen = new Set<unknown>()): Generator<z.ZodType> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof z.ZodType) {
    yield value;
    yield* schemasIn(value.def, seen);
  } else for (const member of Object.values(value)) yield* schemasIn(member, seen);
}

const contracts = Object.values<RouteContract>(ROUTES);
const schemas = [...schemasIn(contracts)];
const withExample = schemas.filter((schema) => schema.meta()?.example !== undefined);

test('every example passes the check that the API makes of its field', () => {
  expect(withExample.length).toBeGreaterThan(50);
  const refused = withExample
    .map((schema) => [schema.meta()?.example, schema.safeParse(schema.meta()?.example).error?.message])
    .filter(([, error]) => error !== undefined);
  expect(refused).toEqual([]);
});

test('every example of the document is one of its schema, as the document says it', () => {
  const found = [...nodesOf(doc)].filter(([, node]) => 'example' in node);
  expect(found.length).toBeGreaterThan(100);
  const wrong = found.flatMap(([place, { example, ...schema }]) => {
    const pattern = typeof schema.pattern === 'string' ? new RegExp(schema.pattern, 'u') : /^/;
    const parsed = z.fromJSONSchema(readable(schema)).safeParse(example);
    const isRight = parsed.success && (typeof example !== 'string' || pattern.test(example));
    return isRight ? [] : [[place, example, parsed.error?.message]];
  });
  expect(wrong).toEqual([]);
});

/** A schema of the document with those that it names. Patterns are Unicode, which this reader of schemas does not know. */
function readable(schema: Node): Parameters<typeof z.fromJSONSchema>[0] {
  const whole = { ...schema, $defs: doc.components.schemas };
  return JSON.parse(
    JSON.stringify(whole, (name, value) => (name === 'pattern' ? undefined : value)).replaceAll(
      '#/components/schemas/',
      '#/$defs/',
    ),
  );
}

test('no text of a form is without an example in bodies and answers: a reader would be shown random characters', () => {
  const bare = [...nodesOf(doc)]
    .filter(([place]) => !/\/propertyNames$|\/get\/parameters\//.test(place))
    .filter(
      ([, { type, pattern, example }]) => type === 'string' && pattern !== undefined && example === undefined,
    )
    .map(([place]) => place);
  expect(bare).toEqual([]);
});

describe('a request that is sent as the page shows it', () => {
  test.each([
    'ingestEvents',
    'createMeter',
    'createCustomer',
    'createPlan',
    'createPlanVersion',
    'publishPlanVersion',
    'createSubscription',
    'cancelSubscription',
    'putClock',
    'advanceClock',
    'createTenant',
    'createKey',
  ] as const)('has a body: %s', (operation) => {
    const { body } = ROUTES[operation];
    const own = [body, ...(body instanceof z.ZodUnion ? body.options : [])];
    expect(own.some((schema) => z.globalRegistry.get(schema)?.example !== undefined)).toBe(true);
  });

  test('asks for usage that there can be: the required parameters have examples, filters have none', () => {
    const { parameters } = doc.paths['/v1/meters/{key}/usage'].get;
    const shown = parameters.map((parameter: { name: string; schema: Node }) => [
      parameter.name,
      parameter.schema.example,
    ]);
    expect(Object.fromEntries(shown)).toMatchObject({
      key: 'input_tokens',
      from: '2026-11-01T00:00:00Z',
      to: '2026-12-01T00:00:00Z',
      window: 'day',
      customer: undefined,
    });
  });

  test('lists all that there is: what is optional is not filled in with somebody', () => {
    const filled = contracts
      .filter(({ method, path }) => method === 'GET' && !path.includes('{'))
      .flatMap(({ path }) => doc.paths[path].get.parameters ?? [])
      .filter((parameter: { schema: Node }) => parameter.schema.example !== undefined);
    expect(filled).toEqual([]);
  });
});
