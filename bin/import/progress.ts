import { SingleBar } from 'cli-progress';
import type { Clock } from '../../shared/ports/clock.ts';
import { grouped, type Terminal } from '../terminal.ts';

const LINE_EVERY_MS = 5_000;
const ERASE_LINE = '\r\u001B[K';

/** What the user sees of a long run, on stderr. */
export interface Progress {
  advance(at: { readonly bytes: number; readonly rows: number }): void;
  /** Something worth knowing that is no error: left out when the user wants quiet. */
  note(text: string): void;
  /** Always shown. */
  problem(text: string): void;
  stop(): void;
}

/** A bar where somebody watches, a line now and then elsewhere, nothing but problems with `isQuiet`. */
export function createProgress(input: {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly isQuiet: boolean;
  readonly totalBytes: number;
}): Progress {
  if (input.isQuiet) return quiet(input.terminal);
  return input.terminal.isWatched ? bar(input.terminal, input.totalBytes) : lines(input);
}

function quiet(terminal: Terminal): Progress {
  const nothing = () => undefined;
  return { advance: nothing, note: nothing, problem: (text) => terminal.err(`${text}\n`), stop: nothing };
}

function lines(input: {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly totalBytes: number;
}): Progress {
  const { terminal, clock, totalBytes } = input;
  const say = (text: string) => terminal.err(`${text}\n`);
  let lastMs = clock.nowMs();
  return {
    advance: ({ bytes, rows }) => {
      if (clock.nowMs() - lastMs < LINE_EVERY_MS) return;
      lastMs = clock.nowMs();
      say(`${grouped(rows)} rows, ${Math.floor((100 * bytes) / Math.max(1, totalBytes))} %`);
    },
    note: say,
    problem: say,
    stop: () => undefined,
  };
}

function bar(terminal: Terminal, totalBytes: number): Progress {
  const shown = new SingleBar({
    format: '{bar} {percentage} % | {rows} rows | {eta_formatted} left',
    barsize: 30,
    barCompleteChar: '#',
    barIncompleteChar: '-',
    stream: process.stderr,
    clearOnComplete: true,
  });
  shown.start(totalBytes, 0, { rows: '0' });
  // The bar is drawn again below the line with its next step.
  const say = (text: string) => terminal.err(`${ERASE_LINE}${text}\n`);
  return {
    advance: ({ bytes, rows }) => shown.update(bytes, { rows: grouped(rows) }),
    note: say,
    problem: say,
    stop: () => shown.stop(),
  };
}
