import type { Context } from 'aws-lambda';
import { toApiEvent } from './api-event.ts';
import type { FaultKind } from './faults/kinds.ts';
import { anyServing, type Installation } from './processes/installation.ts';
import { BrokenConnection, whileAlive } from './processes/process.ts';
import type { World } from './world.ts';

export interface HttpRequest {
  readonly actor: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly secret: string;
  readonly body?: unknown;
  readonly ifMatch?: number;
}

/** What a client gets; `broken` is a connection that gave no answer: what became of the request is unknown. */
export type HttpAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly text: string }
  | { readonly kind: 'broken' };

export type SendHttp = (request: HttpRequest) => Promise<HttpAnswer>;

const FAULTS: readonly FaultKind[] = ['error_before', 'error_after', 'delay', 'duplicate'];
const TRAVEL_MS = [1, 40] as const;
const DELAY_MS = [2_000, 50_000] as const;
const TIMEOUT_MS = 30_000;

/** The way from clients to what answers them, as long and as unreliable as the internet. */
export function createHttp(world: World, installation: Installation): SendHttp {
  const { scheduler, trace, ports } = world;
  const { random, injector } = ports;
  const process = async (request: HttpRequest): Promise<HttpAnswer> => {
    const fault = injector.choose('http', FAULTS);
    const { actor, method, path } = request;
    const note = (what: string) =>
      trace.add({
        timeMs: scheduler.nowMs(),
        actor,
        port: 'http',
        method: `${method} ${path.split('?')[0]}`,
        fault: what,
      });
    await scheduler.pause(random.int(...TRAVEL_MS) + (fault === 'delay' ? random.int(...DELAY_MS) : 0));
    note(fault ?? 'ok');
    if (fault === 'error_before') return { kind: 'broken' };
    try {
      const first = serve(world, installation, request);
      if (fault === 'duplicate') first.catch(() => undefined);
      const answer = await (fault === 'duplicate' ? serve(world, installation, request) : first);
      await scheduler.pause(random.int(...TRAVEL_MS));
      note(`answered ${answer.status}`);
      return fault === 'error_after' ? { kind: 'broken' } : { kind: 'answer', ...answer };
    } catch (thrown) {
      if (!(thrown instanceof BrokenConnection)) throw thrown;
      return { kind: 'broken' };
    }
  };
  return (request) =>
    new Promise((resolve, reject) => {
      // Whoever gives up waiting does not stop what is under way.
      const timeout = scheduler.after(TIMEOUT_MS, () => resolve({ kind: 'broken' }));
      process(request).then(
        (answer) => {
          timeout.cancel();
          resolve(answer);
        },
        (error: unknown) => {
          timeout.cancel();
          reject(error);
        },
      );
    });
}

async function serve(
  world: World,
  installation: Installation,
  request: HttpRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  const isIngest = request.method === 'POST' && request.path === '/v1/events';
  const { process, runtime } = anyServing(world, installation, isIngest ? 'ingest' : 'api');
  const handler = isIngest ? runtime.ingest : runtime.api;
  const result = await whileAlive(process, () => handler(toApiEvent(request), {} as Context));
  const { statusCode = 0, body = '', isBase64Encoded } = result;
  return {
    status: statusCode,
    text: isBase64Encoded === true ? Buffer.from(body, 'base64').toString() : body,
  };
}
