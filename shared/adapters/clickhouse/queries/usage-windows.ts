import type { UsageReadPlan, UsageWindows } from '../../../domain/metering/usage-read.ts';
import { assert } from '../../../kernel/assert.ts';
import type { Params } from '../params.ts';

/** `rows` with a column `window`, the start of the window of each row, epoch ms; once for each window it is in. */
export function windowedRows(params: Params, plan: UsageReadPlan, rows: string): string {
  const { windows } = plan;
  switch (windows.kind) {
    case 'single':
      return `SELECT *, ${params.bind('Int64', plan.fromMs)} AS window FROM (${rows})`;
    case 'boundaries':
      return calendarRows(params, windows.boundariesMs, rows);
    case 'sliding':
      return slidingRows(params, plan, windows, rows);
  }
}

/** Stretches of windows of equal length: calendars in a time zone have few, however many windows they have. */
function calendarRows(params: Params, boundariesMs: readonly number[], rows: string): string {
  const runs = toRuns(boundariesMs);
  const [first] = runs;
  assert(first !== undefined, 'calendar windows have boundaries');
  if (runs.length === 1) {
    const [startMs, stepMs] = [params.bind('Int64', first.startMs), params.bind('Int64', first.stepMs)];
    return `SELECT *, ${startMs} + intDiv(ms - ${startMs}, ${stepMs}) * ${stepMs} AS window FROM (${rows})`;
  }
  const starts = params.bind(
    'Array(Int64)',
    runs.map(({ startMs }) => startMs),
  );
  const steps = params.bind(
    'Array(Int64)',
    runs.map(({ stepMs }) => stepMs),
  );
  return `SELECT r.*, w.start_ms + intDiv(r.ms - w.start_ms, w.step_ms) * w.step_ms AS window
    FROM (SELECT *, 1 AS one FROM (${rows})) AS r
    ASOF JOIN (SELECT 1 AS one, run.1 AS start_ms, run.2 AS step_ms
      FROM (SELECT arrayJoin(arrayZip(${starts}, ${steps})) AS run)) AS w
    ON r.one = w.one AND r.ms >= w.start_ms`;
}

interface Run {
  readonly startMs: number;
  readonly stepMs: number;
}

function toRuns(boundariesMs: readonly number[]): readonly Run[] {
  const runs: Run[] = [];
  for (const [index, startMs] of boundariesMs.slice(0, -1).entries()) {
    const stepMs = (boundariesMs[index + 1] ?? startMs) - startMs;
    const isLast = index === boundariesMs.length - 2;
    const runStepMs = runs.at(-1)?.stepMs ?? 0;
    // The last window may be cut short by the end of the range: nothing lies beyond it.
    if (stepMs !== runStepMs && !(isLast && stepMs < runStepMs)) runs.push({ startMs, stepMs });
  }
  return runs;
}

/** A row lies in windows k with k * step <= offset < k * step + length, as far as they end in the range. */
function slidingRows(
  params: Params,
  plan: UsageReadPlan,
  windows: Extract<UsageWindows, { kind: 'sliding' }>,
  rows: string,
): string {
  const lastIndex = Math.floor((plan.toMs - plan.fromMs - windows.lengthMs) / windows.stepMs);
  const fromMs = params.bind('Int64', plan.fromMs);
  const stepMs = params.bind('Int64', windows.stepMs);
  const lengthMs = params.bind('Int64', windows.lengthMs);
  const first = `intDiv(greatest(0, ms - ${fromMs} - ${lengthMs} + ${stepMs}), ${stepMs})`;
  const end = `least(intDiv(ms - ${fromMs}, ${stepMs}), ${params.bind('Int64', lastIndex)}) + 1`;
  return `SELECT *, ${fromMs} + index * ${stepMs} AS window FROM (${rows})
    ARRAY JOIN range(toInt64(${first}), toInt64(${end})) AS index`;
}
