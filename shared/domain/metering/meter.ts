import { canonicalJson } from '../../kernel/canonical-json.ts';
import { Decimal, decimal, decimalText } from '../../kernel/decimal.ts';
import { type AppError, appError, type FieldIssue } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { UsageEvent } from '../events/event.ts';
import { compileExpression, type Expression, firstLine } from './expression.ts';
import { isPropertyPath, type PropertyPath, parsePropertyPath, valueAtPath } from './property-path.ts';
import { parseQuantity } from './quantity.ts';
import type { Aggregation } from './usage-read.ts';

/** What a meter counts. `value` and `groupBy` name properties by path; `value` may also be a CEL expression. */
export interface MeterDefinition {
  readonly eventType: string;
  readonly aggregation: Aggregation;
  readonly value: string | null;
  readonly groupBy: Readonly<Record<string, string>>;
  readonly filter: string | null;
}

/** What one meter makes of one event. */
export type MeterOutcome =
  | {
      readonly kind: 'counted';
      readonly quantity: string;
      readonly uniqueKey: string;
      readonly dimensions: string;
    }
  | { readonly kind: 'not_matched' }
  | { readonly kind: 'quarantined'; readonly error: AppError };

export interface CompiledMeter {
  evaluate(event: UsageEvent): MeterOutcome;
}

type ValueReader = (event: UsageEvent) => unknown;

/** Checks a definition whole and answers every wrong field, or the meter ready to count. */
export function compileMeter(definition: MeterDefinition): Result<CompiledMeter, readonly FieldIssue[]> {
  const issues: FieldIssue[] = [];
  const filter = compileFilter(definition.filter, issues);
  const readValue = compileValue(definition, issues);
  const dimensions: [string, PropertyPath][] = [];
  for (const [name, text] of Object.entries(definition.groupBy)) {
    const path = parsePropertyPath(text);
    if (path.ok) dimensions.push([name, path.value]);
    else issues.push({ path: `groupBy.${name}`, code: path.error.code, message: path.error.detail });
  }
  if (issues.length > 0) return err(issues);
  return ok({
    evaluate: (event) => {
      if (event.type !== definition.eventType) return { kind: 'not_matched' };
      const matched = filter === undefined ? ok(true) : applyFilter(filter, event);
      if (!matched.ok) return { kind: 'quarantined', error: matched.error };
      if (!matched.value) return { kind: 'not_matched' };
      const counted = measure(definition.aggregation, readValue, dimensions, event);
      return counted.ok
        ? { kind: 'counted', ...counted.value }
        : { kind: 'quarantined', error: counted.error };
    },
  });
}

function compileFilter(text: string | null, issues: FieldIssue[]): Expression | undefined {
  if (text === null) return undefined;
  const compiled = compileExpression(text);
  if (!compiled.ok) {
    issues.push({ path: 'filter', code: 'meter.invalid_filter', message: compiled.error });
    return undefined;
  }
  if (compiled.value.resultType !== 'bool' && compiled.value.resultType !== 'dyn') {
    const message = `a filter answers true or false, this one answers ${compiled.value.resultType}`;
    issues.push({ path: 'filter', code: 'meter.invalid_filter', message });
  }
  return compiled.value;
}

function compileValue(definition: MeterDefinition, issues: FieldIssue[]): ValueReader | undefined {
  const { aggregation, value } = definition;
  if (aggregation === 'count') {
    if (value !== null) {
      issues.push({ path: 'value', code: 'meter.value_not_allowed', message: 'count takes no value' });
    }
    return undefined;
  }
  if (value === null) {
    issues.push({ path: 'value', code: 'meter.value_required', message: `${aggregation} needs a value` });
    return undefined;
  }
  if (isPropertyPath(value)) {
    const path = parsePropertyPath(value);
    if (path.ok) return (event) => valueAtPath(event.properties, path.value);
    issues.push({ path: 'value', code: path.error.code, message: path.error.detail });
    return undefined;
  }
  const compiled = compileExpression(value);
  if (compiled.ok) return (event) => compiled.value.evaluate(event);
  issues.push({ path: 'value', code: 'meter.invalid_value', message: compiled.error });
  return undefined;
}

function applyFilter(filter: Expression, event: UsageEvent): Result<boolean> {
  const answer = attempt(() => filter.evaluate(event));
  if (!answer.ok) return err(appError('meter.filter_failed', answer.error));
  if (typeof answer.value !== 'boolean') {
    return err(appError('meter.filter_failed', 'the filter answered neither true nor false'));
  }
  return ok(answer.value);
}

function measure(
  aggregation: Aggregation,
  readValue: ValueReader | undefined,
  paths: readonly [string, PropertyPath][],
  event: UsageEvent,
): Result<{ quantity: string; uniqueKey: string; dimensions: string }> {
  const dimensions = readDimensions(paths, event);
  if (!dimensions.ok) return dimensions;
  if (readValue === undefined) return ok({ quantity: '1', uniqueKey: '', dimensions: dimensions.value });
  const value = attempt(() => readValue(event));
  if (!value.ok) return err(appError('meter.expression_failed', value.error));
  if (aggregation === 'unique_count') {
    const uniqueKey = readUniqueKey(value.value);
    return uniqueKey.ok
      ? ok({ quantity: '1', uniqueKey: uniqueKey.value, dimensions: dimensions.value })
      : uniqueKey;
  }
  const quantity = parseQuantity(value.value, aggregation === 'sum');
  return quantity.ok
    ? ok({ quantity: quantity.value, uniqueKey: '', dimensions: dimensions.value })
    : quantity;
}

function readUniqueKey(value: unknown): Result<string> {
  if (value === undefined || value === null || value === '') return err(appError('meter.value_missing'));
  const text = scalarText(value);
  if (text === undefined) return err(appError('meter.value_not_numeric', 'the value is not a scalar'));
  if (text.length > LIMITS.uniqueValueLength) {
    return err(
      appError('meter.value_too_long', `the value is longer than ${LIMITS.uniqueValueLength} characters`),
    );
  }
  return ok(text);
}

function readDimensions(paths: readonly [string, PropertyPath][], event: UsageEvent): Result<string> {
  const dimensions: Record<string, string> = {};
  for (const [name, path] of paths) {
    const value = valueAtPath(event.properties, path);
    if (value === undefined || value === null) continue;
    const text = scalarText(value);
    if (text === undefined || text.length > LIMITS.dimensionValueLength) {
      const message = `the dimension ${name} is not a scalar of at most ${LIMITS.dimensionValueLength} characters`;
      return err(appError('meter.dimension_invalid', message));
    }
    dimensions[name] = text;
  }
  return ok(canonicalJson(dimensions));
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return decimalText(decimal(value));
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof Decimal) return decimalText(value);
  return undefined;
}

/** CEL reports what an event lacks by throwing; for a meter that is an expected outcome. */
function attempt(read: () => unknown): Result<unknown, string> {
  try {
    return ok(read());
  } catch (thrown) {
    return err(firstLine(thrown instanceof Error ? thrown.message : String(thrown)));
  }
}
