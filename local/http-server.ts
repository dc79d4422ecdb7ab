import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { problem } from '../functions/_kit/response.ts';
import { assert } from '../shared/kernel/assert.ts';
import { appError } from '../shared/kernel/errors.ts';
import type { Clock } from '../shared/ports/clock.ts';
import { toApiGatewayEvent } from './http-event.ts';

type LambdaHttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

export interface HttpServerLimits {
  /** As sent, before decompression. */
  readonly bodyBytes: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveMs: number;
  /** How long `close` waits for requests under way before it cuts their connections. */
  readonly closeTimeoutMs: number;
}

export const HTTP_SERVER_LIMITS: HttpServerLimits = {
  bodyBytes: 6_000_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveMs: 65_000,
  closeTimeoutMs: 10_000,
};

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Takes no more connections, finishes what is under way, then resolves. */
  close(): Promise<void>;
}

/** Stands in for API Gateway: each request becomes an event for the handler that `route` names. */
export async function startHttpServer(input: {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly route: (method: string, path: string) => LambdaHttpHandler;
  readonly clock: Clock;
  readonly limits?: HttpServerLimits;
}): Promise<HttpServer> {
  const limits = input.limits ?? HTTP_SERVER_LIMITS;
  const settings = {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
  };
  const server = createServer(settings, (request, response) => {
    serve({ ...input, limits, request, response }).catch(() => response.destroy());
  });
  // Requests that are no HTTP: the connection is not worth more than this line.
  server.on('clientError', (_error, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  await listen(server, input.host, input.port);
  const { port } = server.address() as AddressInfo;
  const host = input.host.includes(':') ? `[${input.host}]` : input.host;
  return { url: `http://${host}:${port}`, port, close: () => closeServer(server, limits.closeTimeoutMs) };
}

async function serve(input: {
  readonly route: (method: string, path: string) => LambdaHttpHandler;
  readonly clock: Clock;
  readonly limits: HttpServerLimits;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}): Promise<void> {
  const { request, response, limits } = input;
  const body = await readWithin(request, limits.bodyBytes);
  if (body === 'too_large') {
    const error = appError('request.body_too_large', `The body may have ${limits.bodyBytes} bytes as sent.`);
    // The rest of the body is not read: the connection can carry no other request.
    response.shouldKeepAlive = false;
    write(response, problem(error, 'none'));
    response.once('finish', () => request.destroy());
    return;
  }
  const event = toApiGatewayEvent({ request, body, nowMs: input.clock.nowMs() });
  const handler = input.route(event.requestContext.http.method, event.rawPath);
  write(response, await handler(event, {} as Context));
}

async function readWithin(request: IncomingMessage, limitBytes: number): Promise<Buffer | 'too_large'> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return 'too_large';
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > limitBytes) {
        request.pause();
        resolve('too_large');
      } else {
        chunks.push(chunk);
      }
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
    request.once('close', () => reject(new Error('the client went away')));
  });
}

function write(response: ServerResponse, result: APIGatewayProxyStructuredResultV2): void {
  response.statusCode = result.statusCode ?? 500;
  for (const [name, value] of Object.entries(result.headers ?? {})) response.setHeader(name, String(value));
  for (const cookie of result.cookies ?? []) response.appendHeader('set-cookie', cookie);
  const body = Buffer.from(result.body ?? '', result.isBase64Encoded ? 'base64' : 'utf8');
  if (response.req.method !== 'HEAD') response.setHeader('content-length', body.byteLength);
  response.end(body);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      assert(server.listening, 'the server listens');
      resolve();
    });
  });
}

function closeServer(server: Server, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
    server.close((error) => {
      clearTimeout(cut);
      if (error === undefined) resolve();
      else reject(error);
    });
    server.closeIdleConnections();
  });
}
