import { defined } from '../../shared/kernel/assert.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { CliError } from '../cli-error.ts';
import type { PostEvents, PostOutcome } from './post-events.ts';

/** What became of one event for good; null: it is accepted. */
export type Refusal = { readonly code: string; readonly field: string; readonly message: string } | null;

interface SendDeps {
  readonly post: PostEvents;
  readonly clock: Clock;
  /** Called before each pause. */
  readonly onPause: (pause: {
    readonly why: string;
    readonly attempt: number;
    readonly pauseMs: number;
  }) => void;
}

/**
 * Sends events until each is accepted or refused, one request at a time: what is under way is what a kill makes
 * the next run send twice. Unknown outcomes are sent again under the same ids. Gives up after
 * LIMITS.importAttempts requests that settled nothing.
 */
export function sendEvents(
  deps: SendDeps,
): (events: readonly string[]) => Promise<Result<readonly Refusal[], CliError>> {
  return async (events) => {
    const settled = new Map<number, Refusal>();
    let open = events.map((_, index) => index);
    let size = open.length;
    let attempt = 0;
    while (open.length > 0) {
      const sent = open.slice(0, size);
      const outcome = await deps.post(sent.map((index) => defined(events[index], 'an event')));
      if (outcome.kind === 'refused') return err(refusedError(outcome));
      if (outcome.kind === 'too_large' && size > 1) {
        size = Math.ceil(sent.length / 2);
        continue;
      }
      const before = settled.size;
      settle(outcome, sent, settled);
      open = open.filter((index) => !settled.has(index));
      attempt = settled.size > before ? 0 : attempt + 1;
      const pause = pauseFor(outcome, attempt);
      if (pause === null) continue;
      if (attempt >= LIMITS.importAttempts) return err(gaveUpError(pause, attempt));
      deps.onPause({ why: pause.why, attempt, pauseMs: pause.pauseMs });
      await deps.clock.sleep(pause.pauseMs);
    }
    return ok(events.map((_, index) => settled.get(index) ?? null));
  };
}

function settle(outcome: PostOutcome, sent: readonly number[], settled: Map<number, Refusal>): void {
  if (outcome.kind === 'too_large') {
    const [only] = sent;
    settled.set(defined(only, 'the one event'), { code: outcome.code, field: '', message: outcome.message });
  }
  if (outcome.kind !== 'answer') return;
  for (const { index, status, code, field, message } of outcome.answer.results) {
    const event = defined(sent[index], 'the event of a result');
    if (status === 'accepted') settled.set(event, null);
    if (status === 'rejected') {
      const why = message ?? 'refused without a reason';
      settled.set(event, { code: code ?? 'event.invalid_field', field: field ?? '', message: why });
    }
  }
}

interface Pause {
  readonly why: string;
  readonly code: string;
  readonly pauseMs: number;
}

/** Null where nothing speaks for waiting. */
function pauseFor(outcome: PostOutcome, attempt: number): Pause | null {
  if (outcome.kind === 'again') {
    return { why: outcome.why, code: outcome.code, pauseMs: pauseMs(attempt, outcome.retryAfterMs) };
  }
  if (outcome.kind !== 'answer' || outcome.answer.retry === 0) return null;
  const why = `${outcome.answer.retry} events could not be written`;
  return { why, code: 'event.not_written', pauseMs: pauseMs(attempt, outcome.retryAfterMs) };
}

/** Doubles with each attempt that settled nothing; the server may ask for more, not for less. */
function pauseMs(attempt: number, retryAfterMs: number | null): number {
  const backOffMs = LIMITS.importPauseMinMs * 2 ** Math.max(0, attempt - 1);
  return Math.max(Math.min(backOffMs, LIMITS.importPauseMaxMs), retryAfterMs ?? 0);
}

function gaveUpError({ why, code }: Pause, attempts: number): CliError {
  const message = `gave up after ${attempts} attempts: ${why}`;
  return { exitCode: 3, code, message, hint: 'run the same command again to go on where it stopped' };
}

function refusedError({ status, problem }: Extract<PostOutcome, { kind: 'refused' }>): CliError {
  if (problem !== null) {
    return { exitCode: 3, code: problem.code, message: problem.detail, issues: problem.errors };
  }
  const message = `the server answered ${status}, not as countinghouse does: is the URL right?`;
  return { exitCode: 3, code: 'cli.unexpected_answer', message };
}
