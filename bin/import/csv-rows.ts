import { CsvError, parse } from 'csv-parse/sync';
import { assert } from '../../shared/kernel/assert.ts';
import type { FieldIssue } from '../../shared/kernel/errors.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { type CliError, usageError } from '../cli-error.ts';
import { brokenLine, malformedRow, rowTooLong } from './broken-row.ts';
import type { TextLine } from './lines.ts';
import type { RowContent, RowSource, SourceRow } from './row-source.ts';

/** One logical row: several lines where a quoted cell holds line feeds. */
interface CsvRecord {
  readonly line: number;
  readonly endByte: number;
  readonly cells: Result<readonly string[], FieldIssue>;
}

/**
 * The rows below the header. A row that cannot be read is one line long, whatever its quotes seem to open: reading
 * goes on at the next line. Lines without any character are no rows. Error: the header cannot be used.
 */
export async function openCsvRows(input: {
  readonly lines: AsyncIterable<TextLine>;
  readonly delimiter: string;
}): Promise<Result<RowSource, CliError>> {
  const records = readRecords(new LineQueue(input.lines), input.delimiter);
  const first = await records.next();
  if (first.done === true) return err(usageError('the file is empty: it needs a header'));
  const header = first.value.cells;
  if (!header.ok) return err(usageError(`the header cannot be read: ${header.error.message}`));
  return ok({ columns: header.value, rows: toRows(records, header.value) });
}

async function* toRows(
  records: AsyncIterable<CsvRecord>,
  columns: readonly string[],
): AsyncGenerator<SourceRow> {
  const positions = new Map(columns.map((name, position) => [name, position]));
  let index = 0;
  for await (const { line, endByte, cells } of records) {
    yield { index, line, endByte, content: cells.ok ? toContent(cells.value, positions, columns) : cells };
    index += 1;
  }
}

function toContent(
  cells: readonly string[],
  positions: ReadonlyMap<string, number>,
  columns: readonly string[],
): Result<RowContent, FieldIssue> {
  if (cells.length !== columns.length) {
    return err(malformedRow(`the row has ${cells.length} cells, the header ${columns.length}`));
  }
  const field = (name: string) => {
    const position = positions.get(name);
    return position === undefined ? undefined : cells[position];
  };
  return ok({ field, json: null });
}

/** Lines that were read ahead and turned out to be rows of their own come again. */
class LineQueue {
  readonly #lines: AsyncIterator<TextLine>;
  #again: TextLine[] = [];

  constructor(lines: AsyncIterable<TextLine>) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async next(): Promise<TextLine | undefined> {
    const again = this.#again.shift();
    if (again !== undefined) return again;
    const next = await this.#lines.next();
    return next.done === true ? undefined : next.value;
  }

  putBack(lines: readonly TextLine[]): void {
    this.#again = [...lines, ...this.#again];
  }
}

async function* readRecords(queue: LineQueue, delimiter: string): AsyncGenerator<CsvRecord> {
  for (let line = await queue.next(); line !== undefined; line = await queue.next()) {
    if (line.text === '' || line.text === '\r') continue;
    yield await readRecord(line, queue, delimiter);
  }
}

type Cells = Result<readonly string[], FieldIssue>;

async function readRecord(first: TextLine, queue: LineQueue, delimiter: string): Promise<CsvRecord> {
  const broken = (issue: FieldIssue) => ({ line: first.number, endByte: first.endByte, cells: err(issue) });
  if (first.text === null) return broken(brokenLine(first));
  const ahead: TextLine[] = [];
  let text = first.text;
  for (;;) {
    const cells = parseCells(text, delimiter);
    if (cells !== 'unclosed' && cells.ok) {
      return { line: first.number, endByte: (ahead.at(-1) ?? first).endByte, cells };
    }
    const more: string | FieldIssue =
      cells === 'unclosed' ? await readOn({ text, queue, ahead }) : cells.error;
    if (typeof more !== 'string') {
      queue.putBack(ahead);
      return broken(more);
    }
    text = more;
  }
}

/** The text with further lines, up to the next one with a quote: only that can close a cell. */
async function readOn(input: {
  readonly text: string;
  readonly queue: LineQueue;
  readonly ahead: TextLine[];
}): Promise<string | FieldIssue> {
  const texts = [input.text];
  let characters = input.text.length;
  for (;;) {
    const line = await input.queue.next();
    if (line === undefined) return malformedRow('a quote is opened and never closed');
    input.ahead.push(line);
    if (line.text === null)
      return malformedRow('a quote is opened and not closed before a line that cannot be read');
    characters += line.text.length + 1;
    if (characters > LIMITS.importRowBytes) return rowTooLong();
    texts.push(line.text);
    if (line.text.includes('"')) return texts.join('\n');
  }
}

function parseCells(text: string, delimiter: string): Cells | 'unclosed' {
  const row = text.endsWith('\r') ? text.slice(0, -1) : text;
  try {
    const records = parse(row, {
      delimiter,
      record_delimiter: '\n',
      relax_column_count: true,
      max_record_size: LIMITS.importRowBytes,
    });
    const [cells] = records;
    assert(records.length === 1 && cells !== undefined, 'a row is read as one');
    return ok(cells);
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    if (thrown.code === 'CSV_QUOTE_NOT_CLOSED') return 'unclosed';
    if (thrown.code === 'CSV_MAX_RECORD_SIZE') return err(rowTooLong());
    return err(malformedRow('a quote stands inside a cell; write "" for one in a quoted cell'));
  }
}
