import type { HttpAnswer, SendHttp } from './http.ts';
import type { SimulatedTenant } from './tenants.ts';
import type { World } from './world.ts';

/** Reads of one tenant over the API; whoever reads tries again until somebody answers. */
export interface ApiReader {
  /** Null where nobody answers for `tries` times. Any answer but 200 is no answer. */
  get(path: string): Promise<Readonly<Record<string, unknown>> | null>;
  /** All pages of a list. */
  list<T>(path: string): Promise<readonly T[] | null>;
  text(path: string): Promise<string | null>;
}

const PAUSE_MS = 700;

export function createReader(deps: {
  readonly world: Pick<World, 'scheduler'>;
  readonly http: SendHttp;
  readonly actor: string;
  readonly tenant: Pick<SimulatedTenant, 'secret'>;
  readonly tries: number;
  /** Told of what neither is an answer nor an outage. */
  readonly onRefused: (path: string, answer: Extract<HttpAnswer, { kind: 'answer' }>) => void;
}): ApiReader {
  const { world, http, actor, tenant, tries, onRefused } = deps;
  const text = async (path: string): Promise<string | null> => {
    for (let attempt = 1; attempt <= tries; attempt += 1) {
      const answer = await http({ actor, method: 'GET', path, secret: tenant.secret });
      if (answer.kind === 'answer' && answer.status === 200) return answer.text;
      if (answer.kind === 'answer' && answer.status !== 503) {
        onRefused(path, answer);
        return null;
      }
      await world.scheduler.pause(PAUSE_MS);
    }
    return null;
  };
  const get: ApiReader['get'] = async (path) => {
    const found = await text(path);
    return found === null ? null : JSON.parse(found);
  };
  return {
    text,
    get,
    list: async <T>(path: string) => {
      const found: T[] = [];
      for (let cursor: unknown = ''; cursor !== null; ) {
        const join = path.includes('?') ? '&' : '?';
        const after = cursor === '' ? '' : `&cursor=${encodeURIComponent(String(cursor))}`;
        const page = await get(`${path}${join}limit=100${after}`);
        if (page === null) return null;
        found.push(...(page.data as readonly T[]));
        cursor = page.nextCursor;
      }
      return found;
    },
  };
}
