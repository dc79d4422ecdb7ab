import { type AppError, appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

/** The singular paths of RFC 9535: `$.a.b`, `$['a b'][0]`. A bare name is short for `$.name`. */
export type PropertyPath = readonly (string | number)[];

const BARE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SEGMENT =
  /\.([A-Za-z_][A-Za-z0-9_]*)|\['((?:[^'\\]|\\['\\])*)'\]|\["((?:[^"\\]|\\["\\])*)"\]|\[(0|[1-9]\d{0,8})\]/y;

export function isPropertyPath(text: string): boolean {
  return text.startsWith('$') || BARE_NAME.test(text);
}

export function parsePropertyPath(text: string): Result<PropertyPath, AppError> {
  if (BARE_NAME.test(text)) return ok([text]);
  const segments: (string | number)[] = [];
  let position = 1;
  while (text.startsWith('$') && position < text.length) {
    SEGMENT.lastIndex = position;
    const match = SEGMENT.exec(text);
    if (match === null) break;
    const [whole, dotted, single, double, index] = match;
    const quoted = (single ?? double)?.replace(/\\(['"\\])/g, '$1');
    segments.push(index === undefined ? (dotted ?? quoted ?? '') : Number(index));
    position += whole.length;
  }
  if (segments.length === 0 || position !== text.length) {
    const hint = "use a path to one value, such as $.tokens or $['input tokens'][0]";
    return err(appError('meter.invalid_path', `"${text}" is not a path that names one value: ${hint}`));
  }
  return ok(segments);
}

/** The value at the path; undefined where any step is missing. Inherited members are never seen. */
export function valueAtPath(root: unknown, path: PropertyPath): unknown {
  let value = root;
  for (const segment of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value) !== (typeof segment === 'number')) return undefined;
    if (!Object.hasOwn(value, segment)) return undefined;
    value = (value as Record<string | number, unknown>)[segment];
  }
  return value;
}
