import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { zstdDecompressSync } from 'node:zlib';

export type Fault =
  | 'none'
  | 'all_retry'
  | 'half_retry'
  | 'throttled'
  | 'internal_error'
  | 'closed_before_writing'
  | 'closed_after_writing'
  | 'too_large'
  | 'not_json'
  | 'unauthorized';

export interface SentEvent {
  readonly id: string;
  readonly type: string;
  readonly customer: string;
  readonly time?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

export const FAKE_KEY = 'chk_test_00000000000000000000000000000000';

/** Answers POST /v1/events as the real server does, with the faults that a test asks for. Ids that begin with `bad` are refused. */
export async function startFakeIngest(faultOf: (request: number) => Fault = () => 'none') {
  const written = new Map<string, SentEvent>();
  const timesWritten = new Map<string, number>();
  const requestSizes: number[] = [];
  const bodies: string[] = [];
  let requests = 0;

  const write = (events: readonly SentEvent[]) => {
    for (const event of events) {
      if (!written.has(event.id)) written.set(event.id, event);
      timesWritten.set(event.id, (timesWritten.get(event.id) ?? 0) + 1);
    }
  };

  const server = createServer((request, response) => {
    void answer(request, response);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    const fault = faultOf(requests);
    requests += 1;
    if (request.headers.authorization !== `Bearer ${FAKE_KEY}` || fault === 'unauthorized') {
      return problem(response, 401, 'auth.invalid_key');
    }
    const { events }: { events: SentEvent[] } = JSON.parse(text);
    requestSizes.push(events.length);
    bodies.push(text);
    if (fault === 'closed_before_writing') return void request.socket.destroy();
    if (fault === 'throttled') return problem(response, 429, 'service.unavailable', { 'retry-after': '2' });
    if (fault === 'internal_error') return problem(response, 500, 'service.internal');
    if (fault === 'too_large') return problem(response, 413, 'request.body_too_large');
    if (fault === 'not_json') return void response.writeHead(200).end('<html>hello</html>');
    const results = events.map((event, index) => resultOf(event, index, fault));
    write(events.filter((_, index) => results[index]?.status === 'accepted'));
    if (fault === 'closed_after_writing') return void request.socket.destroy();
    const counts = countResults(results);
    const status = counts.retry === events.length ? 503 : 200;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...counts, results }));
  }

  return {
    url: await listen(server),
    /** Accepted events by id: the first one counts. */
    written,
    timesWritten,
    /** Events of each readable request. */
    requestSizes,
    bodies,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

export type FakeIngest = Awaited<ReturnType<typeof startFakeIngest>>;

function resultOf(event: SentEvent, index: number, fault: Fault) {
  const { id } = event;
  if (fault === 'all_retry' || (fault === 'half_retry' && index % 2 === 0)) {
    return { index, id, status: 'retry', code: 'event.not_written', message: 'outcome unknown' };
  }
  if (!id.startsWith('bad')) return { index, id, status: 'accepted' };
  return { index, id, status: 'rejected', code: 'event.invalid_field', field: 'id', message: 'is bad' };
}

function countResults(results: readonly { readonly status: string }[]) {
  const count = (status: string) => results.filter((result) => result.status === status).length;
  return { accepted: count('accepted'), rejected: count('rejected'), retry: count('retry') };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'zstd'
    ? zstdDecompressSync(body).toString('utf8')
    : body.toString('utf8');
}

function problem(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
  const errors = code === 'auth.invalid_key' ? [{ path: 'authorization', code, message: 'unknown' }] : [];
  const detail = `refused with ${status}`;
  response.end(
    JSON.stringify({
      type: `urn:countinghouse:error:${code}`,
      title: code,
      status,
      code,
      detail,
      requestId: 'r',
      errors,
    }),
  );
}
