import { describe, expect, test } from 'vitest';
import { assert } from '../../shared/kernel/assert.ts';
import type { JsonValue } from '../../shared/kernel/canonical-json.ts';
import { mapRow } from './map-row.ts';
import { parseMappings } from './mapping.ts';
import type { FileFormat } from './row-source.ts';

const REQUIRED = ['id={row}', 'type=call', 'customer=acme'];

/** Maps one row; a row of CSV has texts only. */
function map(
  maps: readonly string[],
  cells: Readonly<Record<string, JsonValue>>,
  index = 0,
  format: FileFormat = 'csv',
) {
  const mappings = parseMappings(maps, { format, names: Object.keys(cells) });
  assert(mappings.ok, mappings.ok ? '' : mappings.error.message);
  const json = format === 'csv' ? null : JSON.stringify(cells);
  const field = (name: string) => (Object.hasOwn(cells, name) ? cells[name] : undefined);
  const mapped = mapRow(mappings.value, { index, content: { field, json } });
  return mapped.ok ? JSON.parse(mapped.value) : mapped.error;
}

const properties = (map: string, cells: Readonly<Record<string, JsonValue>>, format: FileFormat = 'csv') =>
  mapProperties([map], cells, format);

function mapProperties(
  maps: readonly string[],
  cells: Readonly<Record<string, JsonValue>>,
  format: FileFormat = 'csv',
) {
  const event = map([...REQUIRED, ...maps], cells, 0, format);
  return 'code' in event ? event : event.properties;
}

describe('an event', () => {
  test('is made of columns, templates and plain words', () => {
    const maps = [
      'id=conv-{row}',
      'type=llm.request',
      'customer={pick(row, acme, globex)}',
      'time=At',
      'source=importer',
    ];
    expect(map(maps, { At: '2023-11-16 18:15:46.6805900' }, 3)).toEqual({
      id: 'conv-3',
      type: 'llm.request',
      customer: 'globex',
      time: '2023-11-16T18:15:46.680Z',
      source: 'importer',
    });
  });

  test('takes a bare name for the column wherever there is one, and quotes make it text', () => {
    expect(map(['id={row}', 'type=call', 'customer=Who'], { Who: 'globex' }).customer).toBe('globex');
    expect(map(['id={row}', 'type=call', 'customer="Who"'], { Who: 'globex' }).customer).toBe('Who');
  });

  test.each([
    ['customer', ''],
    ['time', ''],
  ])('is not made when the row has nothing for %s', (field, cell) => {
    const maps = [...REQUIRED.filter((map) => !map.startsWith(field)), `${field}=Cell`];
    expect(map(maps, { Cell: cell })).toMatchObject({ code: 'event.missing_field', path: field });
  });

  test('is not made of a time that cannot be read, and a number of seconds gets advice', () => {
    expect(map([...REQUIRED, 'time=At'], { At: 'noon' })).toMatchObject({ code: 'event.invalid_time' });
    const advised = map([...REQUIRED, 'time=At'], { At: '1700158546' });
    expect(advised.message).toContain(':epoch_s or :epoch_ms');
    expect(map([...REQUIRED, 'time=At:epoch_s'], { At: '1700158546' }).time).toBe('2023-11-16T18:15:46.000Z');
  });

  test('that is too large is not made', () => {
    expect(properties('properties.text=Text', { Text: 'x'.repeat(70_000) })).toMatchObject({
      code: 'event.too_large',
    });
  });
});

describe('a property', () => {
  test.each([
    ['properties.n=Cell', '374', { n: 374 }],
    ['properties.n=Cell', '9007199254740993', { n: '9007199254740993' }],
    ['properties.n=Cell', 'eu', { n: 'eu' }],
    ['properties.n=Cell:string', '374', { n: '374' }],
    ['properties.n=Cell:string', '', { n: '' }],
    ['properties.n=Cell:number', '007', { n: '007' }],
    ['properties.n=Cell:number', '7.50', { n: 7.5 }],
    ['properties.n=Cell:boolean', 'true', { n: true }],
    ['properties.n="7"', '', { n: '7' }],
    ['properties.n="7":number', '', { n: 7 }],
    ['properties.n=v{Cell}', '2', { n: 'v2' }],
    ['properties.n={row}', '', { n: 0 }],
    ['properties.a.b=Cell', '1', { a: { b: 1 } }],
    ['properties."a.b"=Cell', '1', { 'a.b': 1 }],
    ['properties.n=Cell', '', undefined],
    ['properties.n=v{Cell}', '', undefined],
  ])('%s of the cell "%s"', (mapping, cell, expected) => {
    expect(properties(mapping, { Cell: cell })).toEqual(expected);
  });

  test.each([
    ['properties.n=Cell:number', 'many'],
    ['properties.n=Cell:number', '+1'],
    ['properties.n=Cell:boolean', 'yes'],
  ])('%s is refused of the cell "%s"', (mapping, cell) => {
    expect(properties(mapping, { Cell: cell })).toMatchObject({
      code: 'event.invalid_field',
      path: 'properties.n',
    });
  });

  test('may have any name', () => {
    const mapped = mapProperties(['properties.__proto__=Cell', 'properties.b.__proto__.c=Cell'], {
      Cell: '1',
    });
    expect(JSON.stringify(mapped)).toBe('{"__proto__":1,"b":{"__proto__":{"c":1}}}');
  });

  test('of NDJSON keeps the type it has', () => {
    const cells = { text: '374', list: [1], nothing: null, flag: false };
    const maps = [
      'properties.a=text',
      'properties.b=list',
      'properties.c=nothing',
      'properties.d=flag',
      'properties.e={absent}',
    ];
    expect(mapProperties(maps, cells, 'ndjson')).toEqual({ a: '374', b: [1], c: null, d: false });
    expect(mapProperties(['properties=data'], { data: { x: 1 } }, 'ndjson')).toEqual({ x: 1 });
    expect(mapProperties(['properties=data'], { data: 5 }, 'ndjson')).toMatchObject({
      code: 'event.invalid_field',
    });
    expect(mapProperties(['properties.a=v{list}'], cells, 'ndjson')).toMatchObject({
      code: 'event.invalid_field',
    });
  });
});

describe('what is wrong for every row is a wrong command line', () => {
  const problem = (maps: readonly string[], format: FileFormat = 'csv') => {
    const parsed = parseMappings(maps, { format, names: ['A', 'Who', 'Twice', 'Twice'] });
    return parsed.ok ? 'nothing' : parsed.error.message;
  };

  test.each([
    ['properties.n=Tokens', 'there is no column Tokens; write "Tokens" in double quotes'],
    ['time=Tokens', 'there is no column Tokens'],
    ['properties.n={Tokens}', 'there is no column Tokens'],
    ['properties.n=Twice', '2 columns have the name Twice'],
    ['properties=A', 'name one property'],
    ['properties.=A', 'is no path'],
    ['properties.a..b=A', 'is no path'],
    ['properties.n={row', 'never closed'],
    ['properties.n=', 'the value is empty'],
    ['properties.n=A:epoch_ms', ':epoch_ms is only for time'],
    ['time=A:number', ':number is only for properties'],
    ['source=A:string', ':string is not for source'],
    ['tenant=A', 'there is no field tenant'],
    ['source.x=A', 'source has no parts'],
    ['A', 'must look like target=value'],
  ])('%s', (mapping, message) => {
    expect(problem([...REQUIRED, mapping])).toContain(message);
  });

  test('two mappings never write to one place', () => {
    expect(problem([...REQUIRED, 'type=A'])).toContain('another --map fills the same place');
    expect(problem([...REQUIRED, 'properties.a=A', 'properties.a.b=A'])).toContain('the same place');
  });

  test('every row needs an id of its own, a type and a customer', () => {
    expect(problem(['id=same', 'type=t', 'customer=c'])).toContain('there is no column same');
    expect(problem(['id="same"', 'type=t', 'customer=c'])).toContain('an id of its own');
    expect(problem(['id={row % 5}', 'type=t', 'customer=c'])).toContain('an id of its own');
    expect(problem(['id={pick(row, a, b)}', 'type=t', 'customer=c'])).toContain('an id of its own');
    expect(problem(['id={row}'])).toContain('--map is missing for type, customer');
  });
});
