import { calendarBoundaries } from '../../kernel/calendar.ts';
import { type AppError, appError, type ErrorCode } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { isTimeZone } from '../../kernel/time.ts';
import type { UsageWindows } from './usage-read.ts';

const CALENDAR_UNITS = ['minute', 'hour', 'day', 'week', 'month'] as const;

/** How a question cuts its range. */
export type WindowSpec =
  | { readonly kind: 'single' }
  | {
      readonly kind: 'calendar';
      readonly unit: (typeof CALENDAR_UNITS)[number];
      readonly timeZone: string;
    }
  | { readonly kind: 'sliding'; readonly lengthMs: number; readonly stepMs: number };

const LENGTH = /^([1-9]\d{0,8})([smhd])$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * `window` is a calendar unit, on the clocks of `timeZone` (UTC), or a length such as `24h` that moves by `step`; without it
 * the whole range is one window. Errors `usage.invalid_window`, `usage.invalid_time_zone`, each with its field.
 */
export function parseWindow(input: {
  readonly window?: string;
  readonly step?: string;
  readonly timeZone?: string;
}): Result<WindowSpec> {
  const { window, step, timeZone = 'UTC' } = input;
  if (!isTimeZone(timeZone)) {
    return err(fieldError('usage.invalid_time_zone', 'timeZone', 'is not a name of the time zone database'));
  }
  const unit = CALENDAR_UNITS.find((name) => name === window);
  if (window === undefined || unit !== undefined) {
    if (step !== undefined) {
      return err(
        fieldError('usage.invalid_window', 'step', 'belongs to a window with a length, such as 24h'),
      );
    }
    return ok(unit === undefined ? { kind: 'single' } : { kind: 'calendar', unit, timeZone });
  }
  const lengthMs = parseLength(window);
  if (lengthMs === null) {
    const units = CALENDAR_UNITS.join(', ');
    return err(
      fieldError('usage.invalid_window', 'window', `is not one of ${units} or a length such as 24h`),
    );
  }
  const stepMs = step === undefined ? null : parseLength(step);
  if (stepMs === null) {
    return err(fieldError('usage.invalid_window', 'step', 'a window with a length needs a step such as 1h'));
  }
  if (lengthMs > stepMs * LIMITS.slidingOverlapMax) {
    const message = `must be at least a ${LIMITS.slidingOverlapMax}th of the window`;
    return err(fieldError('usage.invalid_window', 'step', message));
  }
  return ok({ kind: 'sliding', lengthMs, stepMs });
}

function parseLength(text: string): number | null {
  const [, count, unit = ''] = LENGTH.exec(text) ?? [];
  const lengthMs = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  return Number.isSafeInteger(lengthMs) ? lengthMs : null;
}

/**
 * The windows of a range. Calendar windows at its edges are cut off at `fromMs` and `toMs`; sliding ones start at
 * `fromMs` and every step after it, and only those that end in the range count. Error `usage.too_many_windows`.
 */
export function windowsOf(
  spec: WindowSpec,
  range: { readonly fromMs: number; readonly toMs: number },
): Result<UsageWindows> {
  const limit = LIMITS.usageWindowsMax;
  if (spec.kind === 'single') return ok(spec);
  if (spec.kind === 'sliding') {
    const { lengthMs, stepMs } = spec;
    const count = Math.floor((range.toMs - range.fromMs - lengthMs) / stepMs) + 1;
    return count > limit ? err(tooMany()) : ok({ kind: 'sliding', lengthMs, stepMs });
  }
  const boundaries = calendarBoundaries({ unit: spec.unit, timeZone: spec.timeZone, ...range, limit });
  return boundaries.ok ? ok({ kind: 'boundaries', boundariesMs: boundaries.value }) : err(tooMany());
}

function tooMany(): AppError {
  const message = `the range has more than ${LIMITS.usageWindowsMax} windows; ask for longer ones or a shorter range`;
  return fieldError('usage.too_many_windows', 'window', message);
}

function fieldError(code: ErrorCode, path: string, message: string): AppError {
  return appError(code, `${path}: ${message}`, [{ path, code, message }]);
}
