import type { UsageReadPlan } from '../../../domain/metering/usage-read.ts';

/** The starts of all windows of the plan that an instant lies in. */
export function windowStarts(plan: UsageReadPlan, ms: number): readonly number[] {
  const { windows, fromMs, toMs } = plan;
  if (windows.kind === 'single') return [fromMs];
  if (windows.kind === 'boundaries')
    return [windows.boundariesMs.findLast((startMs) => startMs <= ms) ?? fromMs];
  const starts: number[] = [];
  const { lengthMs, stepMs } = windows;
  const firstIndex = Math.max(0, Math.ceil((ms - fromMs - lengthMs + 1) / stepMs));
  for (let index = firstIndex; fromMs + index * stepMs <= ms; index += 1) {
    const startMs = fromMs + index * stepMs;
    if (startMs + lengthMs <= toMs) starts.push(startMs);
  }
  return starts;
}
