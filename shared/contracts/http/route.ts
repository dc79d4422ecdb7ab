import type { z } from 'zod';
import type { ErrorCode } from '../../kernel/errors.ts';
import type { Scope } from './scopes.ts';

type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface ResponseContract {
  readonly description: string;
  /** Content types with the schema of each; none: no body. */
  readonly content: Readonly<Record<string, z.ZodType>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One route as clients see it: handlers and the OpenAPI document are made from the same value. */
export interface RouteContract {
  readonly operationId: string;
  readonly method: HttpMethod;
  /** With `{name}` for parameters, one path segment each. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly tag: string;
  /** What the key must grant; `public` takes no key. */
  readonly scope: Scope | 'public';
  /** Whether the key must belong to a tenant. */
  readonly needsTenant: boolean;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** What a body may have at most; what configuration needs when absent. */
  readonly bodyBytesMax?: number;
  /** Whether no body at all is like `{}`. */
  readonly bodyOptional: boolean;
  /** What else the body may be, by content type; `body` is application/json. */
  readonly otherBodies?: Readonly<Record<string, z.ZodType>>;
  /** Whether `Idempotency-Key` is heeded. */
  readonly idempotent: boolean;
  /** Whether `If-Match` is required. */
  readonly ifMatch: boolean;
  /** What other headers of a request do, by name. */
  readonly requestHeaders?: Readonly<Record<string, string>>;
  readonly responses: Readonly<Record<number, ResponseContract>>;
  /** Codes beyond those that every route can answer. */
  readonly errors: readonly ErrorCode[];
}

type Defaults = 'needsTenant' | 'bodyOptional' | 'idempotent' | 'ifMatch' | 'errors';

/** A contract with the usual defaults: a tenant's route, heeding Idempotency-Key when it is a POST. */
export function route<const T extends Omit<RouteContract, Defaults> & Partial<Pick<RouteContract, Defaults>>>(
  contract: T,
): T & RouteContract {
  const defaults = {
    needsTenant: contract.scope !== 'public' && contract.scope !== 'operator',
    bodyOptional: false,
    idempotent: contract.method === 'POST',
    ifMatch: contract.method === 'PATCH',
    errors: [] as readonly ErrorCode[],
  };
  return { ...defaults, ...contract };
}

export function jsonResponse(
  description: string,
  schema: z.ZodType,
  headers?: Readonly<Record<string, string>>,
): ResponseContract {
  const content = { 'application/json': schema };
  return headers === undefined ? { description, content } : { description, content, headers };
}

export const ETAG_HEADER = { ETag: 'Version of the resource, for If-Match.' } as const;
