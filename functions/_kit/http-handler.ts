import { Router } from '@aws-lambda-powertools/event-handler/http';
import type { Context } from 'aws-lambda';
import type { RouteContract } from '../../shared/contracts/http/route.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { type AppError, appError } from '../../shared/kernel/errors.ts';
import type { Result } from '../../shared/kernel/result.ts';
import type { Binding } from './call.ts';
import type { HttpMetrics } from './metrics.ts';
import { type ApiEvent, type ApiResult, requestIdOf } from './request.ts';
import { problemReply, type Reply, toApiResult } from './response.ts';
import { type BindingDeps, runBinding } from './run-binding.ts';
import { type ErrorLogger, unexpectedError } from './unexpected.ts';

export type HttpHandlerDeps = BindingDeps & { readonly logger: ErrorLogger; readonly metrics?: HttpMetrics };
export type HttpHandler = (event: ApiEvent, context: Context) => Promise<ApiResult>;

interface Request {
  readonly event: ApiEvent;
  readonly requestId: string;
  operation: string;
}

/** One Lambda handler for all bindings: routes, answers, and never throws. */
export function createHttpHandler(deps: HttpHandlerDeps, bindings: readonly Binding[]): HttpHandler {
  // The router gets a copy of the event that no request can make it stumble over; what was sent is kept here.
  const requests = new WeakMap<object, Request>();
  const router = createRouter({
    deps,
    bindings,
    requestOf: (event) => defined(requests.get(event), 'the request'),
  });
  return async (event, context) => {
    const startedMs = deps.clock.nowMs();
    const request: Request = { event, requestId: requestIdOf(event, deps.ids), operation: 'none' };
    const result = await answer({ deps, bindings, router, requests, request, context });
    const status = result.statusCode ?? 500;
    deps.metrics?.observe({
      operation: request.operation,
      status,
      durationMs: deps.clock.nowMs() - startedMs,
    });
    return event.requestContext.http.method === 'HEAD' ? { ...result, body: '' } : result;
  };
}

async function answer(input: {
  readonly deps: HttpHandlerDeps;
  readonly bindings: readonly Binding[];
  readonly router: Router;
  readonly requests: WeakMap<object, Request>;
  readonly request: Request;
  readonly context: Context;
}): Promise<ApiResult> {
  const { deps, request } = input;
  const { requestId } = request;
  const plain = routable(request.event, input.bindings);
  if (plain === undefined) return toApiResult(notFound(input.bindings, request), requestId);
  input.requests.set(plain, request);
  try {
    return await input.router.resolve(plain, input.context);
  } catch (thrown) {
    const { logger, metrics } = deps;
    const error = unexpectedError({ thrown, logger, requestId, operation: request.operation, metrics });
    return toApiResult(problemReply(error, requestId), requestId);
  }
}

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The event without what the router would parse for itself; undefined for what it cannot route. */
function routable(event: ApiEvent, bindings: readonly Binding[]): ApiEvent | undefined {
  const { method } = event.requestContext.http;
  if (!METHODS.includes(method) || !URL.canParse(`https://host${event.rawPath}`)) return undefined;
  const { body: _body, cookies: _cookies, ...rest } = event;
  const requestContext = { ...event.requestContext, domainName: 'countinghouse' };
  // What no contract names stays unknown, also where it is how the router writes what one does.
  if (!bindings.some(({ contract }) => pathPattern(contract.path).test(event.rawPath))) return undefined;
  const rawPath = withoutSuffix(event.rawPath, bindings);
  return { ...rest, rawPath, headers: {}, rawQueryString: '', isBase64Encoded: false, requestContext };
}

function createRouter(input: {
  readonly deps: HttpHandlerDeps;
  readonly bindings: readonly Binding[];
  readonly requestOf: (event: object) => Request;
}): Router {
  const { deps, bindings, requestOf } = input;
  const router = new Router();
  for (const binding of bindings) {
    const { method, path, operationId } = binding.contract;
    router.route(
      async (context) => {
        const { event, params } = context;
        const request = requestOf(event);
        request.operation = operationId;
        const { requestId } = request;
        const run = () => runBinding({ deps, binding, event: request.event, params, requestId });
        const reply = await settle({ deps, request, run });
        // The router would tell bytes from text by the content type, and knows few types.
        context.isBase64Encoded = reply.bytes !== undefined;
        return toResponse(reply, requestId);
      },
      { method: method === 'GET' ? ['GET', 'HEAD'] : method, path: routerPath(path) },
    );
  }
  router.notFound(async (_error, { event }) => {
    const request = requestOf(event);
    return toResponse(notFound(bindings, request), request.requestId);
  });
  // What the router itself finds wrong with an address, like `%zz`.
  router.errorHandler(Error, async (_error, { event }) => {
    const { requestId } = requestOf(event);
    return toResponse(problemReply(appError('request.not_found'), requestId), requestId);
  });
  return router;
}

async function settle(input: {
  readonly deps: HttpHandlerDeps;
  readonly request: Request;
  readonly run: () => Promise<Result<Reply>>;
}): Promise<Reply> {
  const { deps, request } = input;
  const { requestId, operation } = request;
  let error: AppError;
  try {
    const result = await input.run();
    if (result.ok) return result.value;
    error = result.error;
  } catch (thrown) {
    error = unexpectedError({ thrown, logger: deps.logger, requestId, operation, metrics: deps.metrics });
  }
  return problemReply(error, requestId);
}

/** 405 with `Allow` where the address exists for other methods. There are no answers to OPTIONS: no origin is let in. */
function notFound(bindings: readonly Binding[], request: Request): Reply {
  const methods = bindings
    .filter(({ contract }) => pathPattern(contract.path).test(request.event.rawPath))
    .flatMap(({ contract }) => (contract.method === 'GET' ? ['GET', 'HEAD'] : [contract.method]));
  if (methods.length === 0) return problemReply(appError('request.not_found'), request.requestId);
  const reply = problemReply(appError('request.method_not_allowed'), request.requestId);
  return { ...reply, headers: { ...reply.headers, allow: [...new Set(methods)].join(', ') } };
}

/** The router knows no text behind a parameter: `/v1/invoices/x.pdf` goes to it as `/v1/invoices/x/pdf`. */
function withoutSuffix(rawPath: string, bindings: readonly Binding[]): string {
  const isSuffixed = bindings.some(
    ({ contract: { path } }) => SUFFIX.test(path) && pathPattern(path).test(rawPath),
  );
  return isSuffixed ? rawPath.replace(/\.(?=\w+$)/, '/') : rawPath;
}

const SUFFIX = /\}\.(\w+)$/;

/** Of contracts alone, so that there are no more than these. */
const patterns = new Map<RouteContract['path'], RegExp>();

function pathPattern(path: RouteContract['path']): RegExp {
  const known = patterns.get(path);
  if (known !== undefined) return known;
  const pattern = new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`);
  patterns.set(path, pattern);
  return pattern;
}

/** `/v1/keys/{id}` as the router writes it: `/v1/keys/:id`. */
function routerPath(path: RouteContract['path']): `/${string}` {
  return `/${path
    .slice(1)
    .replace(SUFFIX, '}/$1')
    .replaceAll(/\{(\w+)\}/g, ':$1')}`;
}

function toResponse(reply: Reply, requestId: string): Response {
  const { statusCode, headers, body = '' } = toApiResult(reply, requestId);
  const init = { status: statusCode ?? 500, headers: Object.entries(headers ?? {}).map(toPair) };
  return new Response(reply.bytes === undefined ? body : Buffer.from(body, 'base64'), init);
}

function toPair([name, value]: [string, string | number | boolean]): [string, string] {
  return [name, String(value)];
}
