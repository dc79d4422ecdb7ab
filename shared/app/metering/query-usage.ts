import type { UsageGroup } from '../../domain/metering/group-order.ts';
import { planUsageRead } from '../../domain/metering/plan-usage-read.ts';
import { windowList } from '../../domain/metering/window-list.ts';
import { appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { AnalyticsReader } from '../../ports/analytics.ts';
import type { RollupState } from './rollup-state.ts';
import { decodeUsageCursor, encodeUsageCursor, type UsagePosition } from './usage-cursor.ts';
import { fillPage, layOutPage, type UsageDatum } from './usage-page.ts';
import { checkUsageInput, type UsageInput, type UsageQuestion } from './usage-question.ts';

export interface QueryUsageDeps {
  readonly reader: Pick<AnalyticsReader, 'usage' | 'usageGroups'>;
  /** Of the meter's hours that lie in [fromMs, toMs). */
  readonly rollupState: (range: {
    readonly tenant: string;
    readonly meter: string;
    readonly fromMs: number;
    readonly toMs: number;
  }) => Promise<RollupState>;
  /** Epoch ms up to which the tenant's usage is complete; null while nothing is known. */
  readonly completeThrough: (tenant: string) => Promise<number | null>;
}

export interface UsageAnswer {
  readonly data: readonly {
    readonly fromMs: number;
    readonly toMs: number;
    readonly value: string | null;
    readonly dimensions: Readonly<Record<string, string | null>>;
  }[];
  readonly completeThroughMs: number | null;
  readonly nextCursor: string | null;
}

const HOUR_MS = 3_600_000;
/** Hours become dirty only while inserts fail: more changes than this in one read are an outage. */
const READ_ATTEMPTS = 5;

/**
 * Usage of a meter by window and group. Rows are ordered by window, then by group (compared as lists, null first);
 * every group that was seen in the range has a row in every window. Errors `usage.*`, `request.invalid_cursor`.
 */
export function queryUsage(deps: QueryUsageDeps): (input: UsageInput) => Promise<Result<UsageAnswer>> {
  return async (input) => {
    const question = checkUsageInput(input);
    if (!question.ok) return question;
    const after = input.cursor === undefined ? ok(null) : decodeUsageCursor(input, input.cursor);
    if (!after.ok) return after;
    // Before the rows are read: what was complete then is in them.
    const completeThroughMs = await deps.completeThrough(input.tenant);
    const page = await readSteadily(deps, question.value, (state) => {
      return readPage(deps, {
        question: question.value,
        state,
        limit: input.limit,
        after: after.value,
      });
    });
    if (!page.ok) return page;
    const { rows, isLast } = page.value;
    const last = isLast ? undefined : rows.at(-1);
    const nextCursor =
      last === undefined ? null : encodeUsageCursor(input, { windowStartMs: last.fromMs, group: last.group });
    const data = rows.map((row) => toDatum(question.value.groupBy, row));
    return ok({ data, completeThroughMs, nextCursor });
  };
}

/**
 * Hours are marked before their rollups go wrong, and a mark goes only when other rollups are in force: a read is right when
 * no hour was marked and the same rollups were in force while it ran.
 */
async function readSteadily<T>(
  deps: QueryUsageDeps,
  { tenant, meter, fromMs, toMs }: UsageQuestion,
  read: (state: RollupState) => Promise<Result<T>>,
): Promise<Result<T>> {
  const range = { tenant, meter, fromMs: Math.floor(fromMs / HOUR_MS) * HOUR_MS, toMs };
  let before = await deps.rollupState(range);
  for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt += 1) {
    const answer = await read(before);
    const after = await deps.rollupState(range);
    if (isSteady(before, after)) return answer;
    before = after;
  }
  return err(appError('service.unavailable'));
}

function isSteady(before: RollupState, after: RollupState): boolean {
  const known = new Set(before.dirtyHoursMs);
  const inForce = new Map(before.generations.map(({ dayMs, generation }) => [dayMs, generation]));
  return (
    after.dirtyHoursMs.every((hourMs) => known.has(hourMs)) &&
    after.generations.every(({ dayMs, generation }) => inForce.get(dayMs) === generation)
  );
}

async function readPage(
  deps: QueryUsageDeps,
  asked: {
    readonly question: UsageQuestion;
    readonly state: RollupState;
    readonly limit: number;
    readonly after: UsagePosition | null;
  },
): Promise<Result<{ readonly rows: readonly UsageDatum[]; readonly isLast: boolean }>> {
  const { question, state, limit, after } = asked;
  const groups = await readGroups(deps, question, state);
  if (!groups.ok) return groups;
  const windows = windowList(question.windows, question);
  const layout = layOutPage({ windows, groups: groups.value, limit, after });
  if (layout.rows === 0) return ok({ rows: [], isLast: true });
  const slice = windows.slice(layout.firstWindow, layout.endWindow);
  const aggregates = await deps.reader.usage(planUsageRead({ ...question, ...slice, ...state }));
  const { aggregation } = question;
  const rows = fillPage({ aggregation, windows, groups: groups.value, layout, aggregates });
  return ok({ rows, isLast: layout.isLast });
}

async function readGroups(
  deps: QueryUsageDeps,
  question: UsageQuestion,
  state: RollupState,
): Promise<Result<readonly UsageGroup[]>> {
  if (question.groupBy.length === 0) return ok([[]]);
  const windows = { kind: 'single' } as const;
  // Counts are in every rollup, whatever the meter aggregates.
  const plan = planUsageRead({ ...question, windows, aggregation: 'count', ...state });
  const groups = await deps.reader.usageGroups(plan, LIMITS.usageGroupsMax + 1);
  if (groups.length <= LIMITS.usageGroupsMax) return ok(groups);
  const message = `the range has more than ${LIMITS.usageGroupsMax} groups; ask for fewer dimensions or a shorter range`;
  const issue = { path: 'groupBy', code: 'usage.too_many_groups', message } as const;
  return err(appError('usage.too_many_groups', message, [issue]));
}

function toDatum(groupBy: readonly string[], { fromMs, toMs, value, group }: UsageDatum) {
  const dimensions = groupBy.map((name, index): [string, string | null] => {
    return [name, group[index] ?? null];
  });
  return { fromMs, toMs, value, dimensions: Object.fromEntries(dimensions) };
}
