import type { JsonValue } from './canonical-json.ts';
import { type AppError, appError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { err, ok, type Result } from './result.ts';

/** A number whose text says something else than the value that JSON.parse makes of it. */
export interface NumberIssue {
  /** Where it stands; cut after `LIMITS.jsonPathSteps` steps. */
  readonly path: readonly (string | number)[];
  /** `unsafe_integer`: an integer beyond 2^53 - 1. `out_of_range`: not a finite number, or cut to zero. */
  readonly kind: 'unsafe_integer' | 'out_of_range';
  /** The number as it was sent, at most 64 characters of it. */
  readonly source: string;
}

interface ExactJson {
  readonly value: JsonValue;
  readonly numberIssues: readonly NumberIssue[];
}

const SOURCE_LENGTH = 64;

/** What every such number has in its text: 16 digits in a row, or an exponent of three. Strings may have it too. */
const SUSPECT = /\d{16}|[eE][+-]?\d{3}/;

/**
 * Parses JSON and reports the numbers that a double cannot carry, so that a caller can refuse just the part of the
 * body that holds them. Of duplicate keys the last one counts, as JSON.parse has it, but issues in the earlier ones
 * are reported too. A key `__proto__` becomes an ordinary own property: copy with Object.entries, never assign.
 * Error: `request.malformed_json`.
 */
export function parseJsonExactly(text: string): Result<ExactJson, AppError> {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The engine's message quotes the body, and bodies are never logged: only the position is passed on.
    const position = /at position (\d+)/.exec(error.message)?.[1];
    const where = position === undefined ? '' : ` (at position ${position})`;
    return err(appError('request.malformed_json', `The body is not valid JSON${where}`));
  }
  return ok({ value, numberIssues: SUSPECT.test(text) ? findNumberIssues(text) : [] });
}

interface Container {
  readonly isObject: boolean;
  /** The key or index of the member that is being read. */
  step: string | number;
  expectsKey: boolean;
}

/** Everything in valid JSON but literals and white space: strings by their opening quote, numbers whole. */
const TOKEN = /["{}[\],:]|-?\d[\d.eE+-]*/g;

/** Walks over text that JSON.parse accepted. A reviver could not do it: it does not know the path. */
function findNumberIssues(text: string): readonly NumberIssue[] {
  const issues: NumberIssue[] = [];
  const stack: Container[] = [];
  const tokens = new RegExp(TOKEN);
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const token = match[0];
    const container = stack.at(-1);
    if (token === '"') {
      const end = endOfString(text, match.index);
      if (container?.expectsKey === true) container.step = JSON.parse(text.slice(match.index, end));
      tokens.lastIndex = end;
    } else if (token === '{' || token === '[') {
      stack.push({ isObject: token === '{', step: 0, expectsKey: token === '{' });
    } else if (token === '}' || token === ']') {
      stack.pop();
    } else if (token === ':') {
      if (container !== undefined) container.expectsKey = false;
    } else if (token === ',') {
      if (container !== undefined) nextMember(container);
    } else {
      const kind = numberIssueKind(token);
      if (kind !== undefined)
        issues.push({ path: pathOf(stack), kind, source: token.slice(0, SOURCE_LENGTH) });
    }
  }
  return issues;
}

function nextMember(container: Container): void {
  container.expectsKey = container.isObject;
  if (typeof container.step === 'number') container.step += 1;
}

/** The index after the closing quote: the first quote behind an even number of backslashes. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  return text.length;
}

/** Cut at a fixed depth, or a deeply nested body full of such numbers would cost the square of its size. */
function pathOf(stack: readonly Container[]): readonly (string | number)[] {
  return stack.slice(0, LIMITS.jsonPathSteps).map(({ step }) => step);
}

function numberIssueKind(source: string): NumberIssue['kind'] | undefined {
  const value = Number(source);
  if (!Number.isFinite(value)) return 'out_of_range';
  if (value === 0 && /^[^eE]*[1-9]/.test(source)) return 'out_of_range';
  const isInteger = !/[.eE]/.test(source);
  return isInteger && !Number.isSafeInteger(value) ? 'unsafe_integer' : undefined;
}
