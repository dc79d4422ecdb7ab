import { assert } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { ROLLUP_GRAINS, type RollupGrain, type UsageReadPlan, type UsageSegment } from './usage-read.ts';
import { windowList } from './window-list.ts';

const HOUR_MS = 3_600_000;
const GRAIN_MS: Readonly<Record<RollupGrain, number>> = { minute: 60_000, hour: HOUR_MS, day: 24 * HOUR_MS };

export type UsageReadQuestion = Omit<UsageReadPlan, 'segments'> & {
  /** Starts of the hours whose rollups may not equal their rows; in any order. */
  readonly dirtyHoursMs: readonly number[];
};

/**
 * Reads each stretch from the coarsest rollup whose buckets lie wholly in it; edges from finer ones, down to the rows
 * themselves; dirty hours always from the rows. Rollups are of the generation in force on their day. Where that makes too many segments, the coarsest rollups are left out:
 * more is read, in fewer stretches.
 */
export function planUsageRead(question: UsageReadQuestion): UsageReadPlan {
  const { dirtyHoursMs, ...whole } = question;
  const { fromMs, toMs } = whole;
  const generations = whole.generations.filter(({ dayMs }) => dayMs + GRAIN_MS.day > fromMs && dayMs < toMs);
  const asked = { ...whole, generations };
  assert(fromMs < toMs, 'usage is read for a stretch of time');
  const stretches = cutStretches(asked, coalesce(toStretches(dirtyHoursMs, asked)));
  // Which rollups are in force would be a condition without end.
  const isBounded = generations.length <= LIMITS.usageGenerationDaysMax;
  const all = isBounded ? ROLLUP_GRAINS[asked.aggregation] : [];
  for (const coarsest of all.keys()) {
    const grains = all.slice(coarsest);
    const segments = joinEqual(
      stretches.flatMap(({ fromMs, toMs, isDirty }) => tile(fromMs, toMs, isDirty ? [] : grains)),
    );
    if (segments.length <= LIMITS.usageSegmentsMax) return { ...asked, segments };
  }
  return { ...asked, segments: [{ grain: 'usage', fromMs, toMs }] };
}

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

function toStretches(dirtyHoursMs: readonly number[], { fromMs, toMs }: Stretch): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const hourMs of dirtyHoursMs.toSorted((a, b) => a - b)) {
    const startMs = Math.max(hourMs, fromMs);
    const endMs = Math.min(hourMs + HOUR_MS, toMs);
    if (startMs >= endMs) continue;
    const last = stretches.at(-1);
    if (last === undefined || last.toMs < startMs) stretches.push({ fromMs: startMs, toMs: endMs });
    else stretches[stretches.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, endMs) };
  }
  return stretches;
}

/** Too many dirty stretches are joined over the shortest gaps between them. */
function coalesce(stretches: readonly Stretch[]): readonly Stretch[] {
  if (stretches.length <= LIMITS.usageDirtyStretchesMax) return stretches;
  const gapBefore = (index: number) => (stretches[index]?.fromMs ?? 0) - (stretches[index - 1]?.toMs ?? 0);
  const keptGaps = new Set(
    stretches
      .map((_, index) => index)
      .slice(1)
      .sort((a, b) => gapBefore(b) - gapBefore(a) || a - b)
      .slice(0, LIMITS.usageDirtyStretchesMax - 1),
  );
  const joined: Stretch[] = [];
  for (const [index, stretch] of stretches.entries()) {
    const last = joined.at(-1);
    if (last === undefined || keptGaps.has(index)) joined.push(stretch);
    else joined[joined.length - 1] = { fromMs: last.fromMs, toMs: stretch.toMs };
  }
  return joined;
}

/** The range cut at every edge of a window and of a dirty stretch. */
function cutStretches(
  asked: Omit<UsageReadPlan, 'segments'>,
  dirty: readonly Stretch[],
): readonly (Stretch & { readonly isDirty: boolean })[] {
  const cuts = new Set([asked.fromMs, asked.toMs]);
  const windows = windowList(asked.windows, asked);
  for (let index = 0; index < windows.count; index += 1) {
    const { fromMs, toMs } = windows.at(index);
    cuts.add(fromMs).add(toMs);
  }
  const starts = new Set<number>();
  for (const { fromMs, toMs } of dirty) {
    cuts.add(fromMs).add(toMs);
    starts.add(fromMs);
  }
  const ends = new Set(dirty.map(({ toMs }) => toMs));
  const ordered = [...cuts].sort((a, b) => a - b);
  let isDirty = false;
  return ordered.slice(0, -1).map((fromMs, index) => {
    if (ends.has(fromMs)) isDirty = false;
    if (starts.has(fromMs)) isDirty = true;
    return { fromMs, toMs: ordered[index + 1] ?? asked.toMs, isDirty };
  });
}

function tile(fromMs: number, toMs: number, grains: readonly RollupGrain[]): readonly UsageSegment[] {
  if (fromMs >= toMs) return [];
  const [grain, ...finer] = grains;
  if (grain === undefined) return [{ grain: 'usage', fromMs, toMs }];
  const startMs = Math.ceil(fromMs / GRAIN_MS[grain]) * GRAIN_MS[grain];
  const endMs = Math.floor(toMs / GRAIN_MS[grain]) * GRAIN_MS[grain];
  if (startMs >= endMs) return tile(fromMs, toMs, finer);
  const whole: UsageSegment = { grain, fromMs: startMs, toMs: endMs };
  return [...tile(fromMs, startMs, finer), whole, ...tile(endMs, toMs, finer)];
}

function joinEqual(segments: readonly UsageSegment[]): readonly UsageSegment[] {
  const joined: UsageSegment[] = [];
  for (const segment of segments) {
    const last = joined.at(-1);
    if (last?.grain === segment.grain) joined[joined.length - 1] = { ...last, toMs: segment.toMs };
    else joined.push(segment);
  }
  return joined;
}
