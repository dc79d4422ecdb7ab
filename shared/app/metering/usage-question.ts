import type { Aggregation, UsageReadPlan, UsageWindows } from '../../domain/metering/usage-read.ts';
import { parseWindow, windowsOf } from '../../domain/metering/windows.ts';
import { type AppError, appError, type FieldIssue } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { isInstant } from '../../kernel/time.ts';

/** What usage needs to know of a meter. */
export interface MeterOfUsage {
  readonly key: string;
  readonly aggregation: Aggregation;
  /** Names of its dimensions. */
  readonly groupBy: readonly string[];
}

export interface UsageInput {
  readonly tenant: string;
  readonly meter: MeterOfUsage;
  /** Inclusive. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** `minute`, `hour`, `day`, `week`, `month`, or with `step` a length like `24h`; absent: the range is one window. */
  readonly window?: string;
  readonly step?: string;
  /** UTC where absent. */
  readonly timeZone?: string;
  /** Names of dimensions, or `customer`. */
  readonly groupBy: readonly string[];
  /** Dimension name (or `customer`) to the values that count. */
  readonly filters: Readonly<Record<string, readonly string[]>>;
  /** A customer's key. */
  readonly customer?: string;
  /** Rows of the page, at most LIMITS.usageRowsMax. */
  readonly limit: number;
  readonly cursor?: string;
}

/** A question that can be answered: everything of a read plan but where it is read. */
export type UsageQuestion = Omit<UsageReadPlan, 'segments' | 'generations'> & {
  readonly windows: UsageWindows;
};

/** Errors `usage.*` and `request.invalid_field`, with the path of each wrong field. */
export function checkUsageInput(input: UsageInput): Result<UsageQuestion> {
  const { tenant, meter, fromMs, toMs, filters, customer } = input;
  const issues = fieldIssues(input);
  const spec = parseWindow(input);
  if (!spec.ok) issues.push(...(spec.error.issues ?? []));
  const wrong = toError(issues);
  if (wrong !== null) return err(wrong);
  if (!spec.ok) return spec;
  const windows = windowsOf(spec.value, { fromMs, toMs });
  if (!windows.ok) return windows;
  return ok({
    tenant,
    meter: meter.key,
    aggregation: meter.aggregation,
    fromMs,
    toMs,
    windows: windows.value,
    groupBy: [...new Set(input.groupBy)],
    filters,
    ...(customer === undefined ? {} : { customer }),
  });
}

function fieldIssues({ fromMs, toMs, limit, groupBy, filters, meter }: UsageInput): FieldIssue[] {
  const issues: FieldIssue[] = [];
  for (const [path, instantMs] of Object.entries({ from: fromMs, to: toMs })) {
    if (!isInstant(instantMs)) {
      issues.push({ path, code: 'usage.invalid_range', message: 'is not an instant of the years 0 to 9999' });
    }
  }
  if (fromMs >= toMs)
    issues.push({ path: 'to', code: 'usage.invalid_range', message: 'must be later than from' });
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > LIMITS.usageRowsMax) {
    const message = `is not a whole number from 1 to ${LIMITS.usageRowsMax}`;
    issues.push({ path: 'limit', code: 'request.invalid_field', message });
  }
  const named = [
    ...groupBy.map((name, index) => [`groupBy[${index}]`, name] as const),
    ...Object.keys(filters).map((name) => [`filter.${name}`, name] as const),
  ];
  for (const [path, name] of named) {
    if (name === 'customer' || meter.groupBy.includes(name)) continue;
    const known = ['customer', ...meter.groupBy].join(', ');
    issues.push({ path, code: 'usage.unknown_dimension', message: `is not one of ${known}` });
  }
  return issues;
}

function toError(issues: readonly FieldIssue[]): AppError | null {
  const [first] = issues;
  return first === undefined ? null : appError(first.code, `${first.path}: ${first.message}`, issues);
}
