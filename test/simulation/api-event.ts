import type { ApiEvent } from '../../functions/_kit/request.ts';

/** A request as API Gateway hands it to a function. */
export function toApiEvent(request: {
  readonly method: string;
  readonly path: string;
  readonly secret: string;
  readonly body?: unknown;
  readonly ifMatch?: number;
}): ApiEvent {
  const { method, path, secret, ifMatch } = request;
  const [rawPath = '', rawQueryString = ''] = path.split('?');
  const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: {
      authorization: `Bearer ${secret}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
    },
    ...(body === undefined ? {} : { body: body.toString('base64') }),
    isBase64Encoded: true,
    requestContext: { http: { method, path: rawPath } } as ApiEvent['requestContext'],
  };
}
