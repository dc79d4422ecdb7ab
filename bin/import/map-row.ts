import type { JsonValue } from '../../shared/kernel/canonical-json.ts';
import { parseDecimal } from '../../shared/kernel/decimal.ts';
import type { ErrorCode, FieldIssue } from '../../shared/kernel/errors.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Mapping } from './mapping.ts';
import type { RowContent } from './row-source.ts';
import { rowNumberAt, type TemplatePart } from './template.ts';
import { eventTime } from './time.ts';
import { typedText } from './value.ts';

interface Row {
  readonly index: number;
  readonly content: RowContent;
}

/** Objects without a prototype: a property may be called anything, `__proto__` too. */
type Members = { [name: string]: JsonValue | Members };

/** Makes the JSON text of the event that a row stands for. */
export function mapRow(mappings: readonly Mapping[], row: Row): Result<string, FieldIssue> {
  const event: Members = Object.create(null);
  for (const mapping of mappings) {
    const value = valueFor(mapping, row);
    if (!value.ok) return value;
    if (value.value !== undefined) put(event, [mapping.target.field, ...mapping.target.path], value.value);
  }
  const text = stringify(event);
  if (text === null) return err({ path: 'properties', code: 'event.too_deep', message: 'nested too deeply' });
  const bytes = Buffer.byteLength(text);
  if (bytes > LIMITS.eventBytes) {
    const message = `the event has ${bytes} bytes, at most ${LIMITS.eventBytes} are allowed`;
    return err({ path: '', code: 'event.too_large', message });
  }
  return ok(text);
}

function stringify(event: Members): string | null {
  try {
    return JSON.stringify(event);
  } catch (thrown) {
    // Nested so deep that the stack ends; other things cannot be wrong with what JSON.parse made.
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}

function put(event: Members, path: readonly string[], value: JsonValue): void {
  let place = event;
  for (const name of path.slice(0, -1)) {
    place[name] ??= Object.create(null) as Members;
    // Mappings that would write into one another's values were refused.
    place = place[name] as Members;
  }
  place[path.at(-1) ?? ''] = value;
}

type PropertyValue = Result<JsonValue | undefined, FieldIssue>;

/** Undefined: the row has no such property. Every other field must be there. */
function valueFor(mapping: Mapping, row: Row): PropertyValue {
  const { target, parts, hint } = mapping;
  if (target.field === 'properties') return propertyValue(mapping, row, parts);
  const text = composed(mapping, row);
  if (text === undefined) {
    return issue(mapping, 'event.missing_field', `the row has nothing for ${target.text}`);
  }
  if (text === null) return notText(mapping);
  if (target.field !== 'time') return ok(text);
  const time = eventTime(text, hint === 'epoch_ms' || hint === 'epoch_s' ? hint : null);
  if (time !== null) return ok(time);
  const isNumber = hint === null && /^\d+(?:\.\d+)?$/.test(text);
  const advice = isNumber ? '; for time since 1970 add :epoch_s or :epoch_ms to the mapping' : '';
  return issue(mapping, 'event.invalid_time', `not a time such as 2026-01-31T12:00:00.000Z${advice}`);
}

function partValue(part: TemplatePart, row: Row): JsonValue | undefined {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'field':
      return row.content.field(part.name);
    case 'row':
      return rowNumberAt(part.number, row.index);
    case 'pick':
      return part.choices[rowNumberAt(part.number, row.index) % part.choices.length];
  }
}

/** One text of all parts; undefined where one of them is missing or empty, null where one is no scalar. */
function composed({ parts }: Mapping, row: Row): string | undefined | null {
  let text = '';
  for (const part of parts) {
    const value = partValue(part, row);
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'object') return null;
    text += scalarText(value);
  }
  return text;
}

function propertyValue(mapping: Mapping, row: Row, parts: readonly TemplatePart[]): PropertyValue {
  const { hint, target } = mapping;
  const [only] = parts;
  const isReference = parts.length === 1 && only?.kind !== 'pick' && only?.kind !== 'text';
  const raw = isReference && only !== undefined ? partValue(only, row) : composed(mapping, row);
  if (raw === undefined || (raw === null && hint !== null)) return ok(undefined);
  if (raw === null && !isReference) return notText(mapping);
  if (target.path.length === 0) return allProperties(mapping, raw);
  // An empty cell says nothing; as a text it would be a value that no meter can read.
  if (raw === '' && isText(row) && hint !== 'string') return ok(undefined);
  if (hint === null) {
    return ok(isReference && typeof raw === 'string' && isText(row) ? typedText(raw) : raw);
  }
  if (typeof raw === 'object') return notText(mapping);
  if (hint === 'string') return ok(scalarText(raw));
  return hint === 'number' ? asNumber(mapping, raw) : asBoolean(mapping, raw);
}

/** Cells have no types of their own, values of JSON do. */
function isText(row: Row): boolean {
  return row.content.json === null;
}

function allProperties(mapping: Mapping, raw: JsonValue): Result<JsonValue, FieldIssue> {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return ok(raw);
  return issue(mapping, 'event.invalid_field', 'must be an object');
}

function scalarText(value: string | number | boolean): string {
  return typeof value === 'string' ? value : `${value}`;
}

function asNumber(mapping: Mapping, raw: string | number | boolean): Result<JsonValue, FieldIssue> {
  if (typeof raw === 'number') return ok(raw);
  const isNumeric = typeof raw === 'string' && parseDecimal(raw).ok;
  return isNumeric ? ok(typedText(raw)) : issue(mapping, 'event.invalid_field', 'not a number');
}

function asBoolean(mapping: Mapping, raw: string | number | boolean): Result<JsonValue, FieldIssue> {
  if (typeof raw === 'boolean') return ok(raw);
  if (raw === 'true' || raw === 'false') return ok(raw === 'true');
  return issue(mapping, 'event.invalid_field', 'neither true nor false');
}

function notText(mapping: Mapping): Result<never, FieldIssue> {
  return issue(mapping, 'event.invalid_field', 'an object or a list is no text');
}

function issue(mapping: Mapping, code: ErrorCode, message: string): Result<never, FieldIssue> {
  return err({ path: mapping.target.text, code, message });
}
