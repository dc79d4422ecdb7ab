import type { HttpAnswer } from '../http.ts';
import type { Random } from '../random.ts';
import type { SimulatedTenant } from '../tenants.ts';
import type { Stage } from './actor.ts';

const RETRY_MS = [300, 3_000] as const;
const TRIES_MAX = 500;

export interface Administrator {
  readonly stage: Stage;
  readonly name: string;
  readonly tenant: Pick<SimulatedTenant, 'secret'>;
  readonly random: Random;
}

/** Asks until it is certain that a change was made; answers what was answered, or null where nobody ever did. */
export async function administer(
  { stage, name, tenant, random }: Administrator,
  request: {
    readonly method: 'POST' | 'PATCH';
    readonly path: string;
    readonly body?: unknown;
    readonly ifMatch?: number;
    /** Whether a refusal says that an earlier try did it. */
    readonly wasDone?: (answer: Extract<HttpAnswer, { kind: 'answer' }>) => boolean;
  },
): Promise<string | null> {
  const { wasDone = () => false, ...asked } = request;
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    const answer = await stage.http({ actor: name, secret: tenant.secret, body: {}, ...asked });
    if (answer.kind === 'answer') {
      if (answer.status < 300 || wasDone(answer)) return answer.text;
      if (answer.status !== 503) {
        const text = answer.text.slice(0, 300);
        stage.auditor.verdict.broken(
          'own',
          `${asked.method} ${asked.path} answered ${answer.status}: ${text}`,
        );
        return null;
      }
    }
    await stage.world.scheduler.pause(random.int(...RETRY_MS));
  }
  stage.auditor.verdict.broken('own', `nobody answers ${asked.method} ${asked.path}`);
  return null;
}
