import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HTTP_SERVER_LIMITS, type HttpServer, startHttpServer } from '../../local/http-server.ts';
import { createApi } from './api-under-test.ts';

const open: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(bodyBytes = HTTP_SERVER_LIMITS.bodyBytes) {
  const api = await createApi();
  const limits = { ...HTTP_SERVER_LIMITS, bodyBytes };
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    route: () => api.handler,
    clock: api.deps.clock,
    limits,
  });
  open.push(server);
  return { ...api, server, authorization: `Bearer ${api.secrets.acme}` };
}

test('a request over the wire reaches the handler and its answer comes back', async () => {
  const { server, authorization } = await serve();
  const created = await fetch(`${server.url}/v1/customers`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json; charset=utf-8', 'x-request-id': 'mine' },
    body: JSON.stringify({ key: 'lodz', name: 'Łódź €', currency: 'PLN' }),
  });
  expect([created.status, created.headers.get('x-request-id')]).toEqual([201, 'mine']);
  const read = await fetch(`${server.url}/v1/customers/lodz?`, { headers: { authorization } });
  expect(await read.json()).toMatchObject({ name: 'Łódź €' });
});

test.each([
  ['announced', (bytes: number) => 'x'.repeat(bytes)],
  ['streamed', (bytes: number) => new Blob(['x'.repeat(bytes)]).stream()],
])('a too large body, %s, is refused with 413', async (_name, make) => {
  const { server, authorization } = await serve(1_000);
  const init = { method: 'POST', headers: { authorization }, body: make(200_000), duplex: 'half' };
  const answer = await fetch(`${server.url}/v1/meters`, init as RequestInit).then(
    async (response) => [response.status, JSON.parse(await response.text()).code],
    () => 'cut off',
  );
  // A client that is still sending may see the connection end before it reads the answer.
  expect([['413', 'request.body_too_large'].join(), 'cut off']).toContain(String(answer));
});

test('what is no HTTP gets 400 and the server goes on', async () => {
  const { server, authorization } = await serve();
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write('\x16\x03\x01 nonsense\r\n\r\n'));
    socket.on('data', (data) => resolve(data.toString()));
    socket.on('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect((await fetch(`${server.url}/v1/meters`, { headers: { authorization } })).status).toBe(200);
});

test('a port in use is an error, not a silent second server', async () => {
  const { server, handler, deps } = await serve();
  const again = startHttpServer({
    host: '127.0.0.1',
    port: server.port,
    route: () => handler,
    clock: deps.clock,
  });
  await expect(again).rejects.toThrow('EADDRINUSE');
});
