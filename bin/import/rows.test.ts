import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { assert } from '../../shared/kernel/assert.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { openSource } from './open-source.ts';
import type { FileFormat } from './row-source.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'countinghouse-rows-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each row as its cells, or as the code of what is wrong with it; `at` are line and row. */
async function read(content: string | Uint8Array, format: FileFormat = 'csv', delimiter = ',') {
  const file = path.join(folder, 'rows');
  writeFileSync(file, content);
  const bytes = Buffer.byteLength(content);
  const source = await openSource({ path: file, bytes, format, delimiter });
  assert(source.ok, source.ok ? '' : source.error.message);
  const { columns } = source.value;
  const rows: unknown[] = [];
  const at: [number, number][] = [];
  let endByte = 0;
  for await (const row of source.value.rows) {
    const { content } = row;
    rows.push(content.ok ? (content.value.json ?? columns.map(content.value.field)) : content.error.code);
    at.push([row.line, row.index]);
    endByte = row.endByte;
  }
  return { columns, rows, at, endByte, bytes };
}

const MALFORMED = 'import.malformed_row';

describe('CSV', () => {
  test('with a byte order mark, CRLF, quotes, line feeds in cells and no line feed at the end', async () => {
    const { columns, rows, at } = await read('\uFEFFa,b\r\n1,"x, ""y"""\r\n\r\n"two\r\nlines",ü\r\n,');
    expect(columns).toEqual(['a', 'b']);
    expect(rows).toEqual([
      ['1', 'x, "y"'],
      ['two\r\nlines', 'ü'],
      ['', ''],
    ]);
    expect(at).toEqual([
      [2, 0],
      [4, 1],
      [6, 2],
    ]);
  });

  test('with another delimiter', async () => {
    expect((await read('a;b\n1,5;2\n', 'csv', ';')).rows).toEqual([['1,5', '2']]);
  });

  test.each([
    ['too many cells', '1,2,3'],
    ['too few cells', '1'],
    ['a quote within a cell', 'x"y,2'],
    ['text behind a closing quote', '"x"y,2'],
    ['a quote that is never closed', '"x,2'],
    ['a cell longer than the limit', `${'x'.repeat(LIMITS.importRowBytes)},2`],
  ])('goes on behind a row with %s, which counts', async (_what, broken) => {
    const { rows, at } = await read(`a,b\n1,2\n${broken}\n3,4\n5,"6"\n`);
    expect(rows).toEqual([['1', '2'], expect.stringMatching(/^import\./), ['3', '4'], ['5', '6']]);
    expect(at).toEqual([
      [2, 0],
      [3, 1],
      [4, 2],
      [5, 3],
    ]);
  });

  test('goes on behind a row that is not UTF-8', async () => {
    const content = Buffer.concat([
      Buffer.from('a\n1\n'),
      Buffer.from([0xc3, 0x28, 0x0a]),
      Buffer.from('2\n'),
    ]);
    expect((await read(content)).rows).toEqual([['1'], MALFORMED, ['2']]);
  });

  test('a quote that is never closed costs no more than the longest row', async () => {
    const lines = `x,${'y'.repeat(61)}\n`.repeat(20_000);
    const { rows } = await read(`a,b\n"open,1\n${lines}`);
    expect(rows).toHaveLength(20_001);
    expect(rows[0]).toBe('import.row_too_long');
  });

  test('any table that is written with quotes is read back, at any size of cells', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', 'é', ' ') });
    const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(table, async (cells) => {
        const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const text = cells.map((row) => `${row.map(quote).join(',')}\r\n`).join('');
        const { rows, endByte, bytes } = await read(`a,b\r\n${text}`);
        expect(rows).toEqual(cells);
        expect(endByte).toBe(bytes);
      }),
    );
  });
});

describe('NDJSON', () => {
  test('counts lines that cannot be read and passes over empty ones', async () => {
    const { columns, rows, at } = await read('nothing\n\n{"a":1,"b":{"c":2}}\r\n  \n{"a":\n[]', 'ndjson');
    expect(columns).toEqual(['a', 'b']);
    expect(rows).toEqual([MALFORMED, '{"a":1,"b":{"c":2}}\r', MALFORMED, '[]']);
    expect(at).toEqual([
      [1, 0],
      [3, 1],
      [5, 2],
      [6, 3],
    ]);
  });

  test('finds members by name before it takes the name for a path', async () => {
    const file = path.join(folder, 'members');
    const line = '{"a.b":1,"a":{"b":2,"c":{"d":9007199254740993}}}';
    writeFileSync(file, line);
    const source = await openSource({ path: file, bytes: line.length, format: 'ndjson', delimiter: ',' });
    assert(source.ok, 'opened');
    for await (const { content } of source.value.rows) {
      assert(content.ok, 'readable');
      const names = ['a.b', 'a.c.d', 'a.x', 'constructor', 'a.b.c'];
      expect(names.map((name) => content.value.field(name))).toEqual([
        1,
        '9007199254740993',
        undefined,
        undefined,
        undefined,
      ]);
    }
    expect.assertions(1);
  });
});
