import type { JsonValue } from '../../shared/kernel/canonical-json.ts';
import type { FieldIssue } from '../../shared/kernel/errors.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { brokenLine, malformedRow } from './broken-row.ts';
import type { TextLine } from './lines.ts';
import type { RowContent, RowSource, SourceRow } from './row-source.ts';
import { parseJsonKeepingDigits } from './value.ts';

/** One JSON value a line. Lines of white space only are no rows. */
export async function openJsonRows(lines: AsyncIterable<TextLine>): Promise<RowSource> {
  const rows = toRows(lines);
  const ahead: SourceRow[] = [];
  let columns: readonly string[] = [];
  // The first row that can be read stands for the shape of all; broken ones before it still count.
  for (let next = await rows.next(); next.done !== true; next = await rows.next()) {
    ahead.push(next.value);
    if (next.value.content.ok) {
      columns = namesIn(next.value.content.value);
      break;
    }
    if (ahead.length >= LOOK_AHEAD_ROWS) break;
  }
  return { columns, rows: resume(ahead, rows) };
}

const LOOK_AHEAD_ROWS = 1_000;

async function* resume(
  ahead: readonly SourceRow[],
  rows: AsyncIterable<SourceRow>,
): AsyncGenerator<SourceRow> {
  yield* ahead;
  yield* rows;
}

async function* toRows(lines: AsyncIterable<TextLine>): AsyncGenerator<SourceRow> {
  let index = 0;
  for await (const line of lines) {
    if (line.text !== null && line.text.trim() === '') continue;
    yield { index, line: line.number, endByte: line.endByte, content: toContent(line) };
    index += 1;
  }
}

function toContent(line: TextLine): Result<RowContent, FieldIssue> {
  if (line.text === null) return err(brokenLine(line));
  const parsed = parseLine(line.text);
  if (!parsed.ok) return parsed;
  return ok({ field: (name) => memberAt(parsed.value, name), json: line.text });
}

function parseLine(text: string): Result<JsonValue, FieldIssue> {
  try {
    return ok(parseJsonKeepingDigits(text));
  } catch (thrown) {
    if (thrown instanceof RangeError) return err(malformedRow('nested too deeply'));
    if (!(thrown instanceof SyntaxError)) throw thrown;
    const position = /at position (\d+)/.exec(thrown.message)?.[1];
    return err(malformedRow(`not valid JSON${position === undefined ? '' : ` (at position ${position})`}`));
  }
}

function namesIn(content: RowContent): readonly string[] {
  const value: unknown = JSON.parse(content.json ?? 'null');
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}

/** The member of this name, else the one that the name is a path to: `usage.tokens`. */
function memberAt(value: JsonValue, name: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const object = value as { readonly [name: string]: JsonValue };
  if (Object.hasOwn(object, name)) return object[name];
  const dot = name.indexOf('.');
  if (dot < 1) return undefined;
  const head = name.slice(0, dot);
  return Object.hasOwn(object, head) ? memberAt(object[head] ?? null, name.slice(dot + 1)) : undefined;
}
