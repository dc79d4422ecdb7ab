import { readFile, utimes } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readTrace } from '../event-path/trace.ts';
import { FAKE_KEY, type FakeIngest, type Fault, startFakeIngest } from './fake-ingest.ts';
import { runCommand, TRACE, TRACE_MAPS, temporaryFolder } from './run-command.ts';

let server: FakeIngest;
let faultOf: (request: number) => Fault;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  faultOf = () => 'none';
  server = await startFakeIngest((request) => faultOf(request));
  folder = await temporaryFolder();
});

afterEach(async () => {
  await server.close();
  await folder[Symbol.asyncDispose]();
});

const send = (file: string, ...more: string[]) =>
  runCommand(['events', 'import', file, '--url', server.url, '--key', FAKE_KEY, ...more]);
const MAPS = ['--map', 'id={row}', '--map', 'type=call', '--map', 'customer=Who', '--map', 'properties.n=N'];

describe('a whole file', () => {
  test('the trace arrives event by event as its rows say', async () => {
    const state = folder.at('state.json');
    const { exitCode, out, err } = await send(TRACE, '--state', state, ...TRACE_MAPS);
    expect({ exitCode, err, out }).toEqual({
      exitCode: 0,
      err: '',
      out: 'rows      19,366\naccepted  19,366\nfailed    0\n',
    });
    expect([...server.written.values()]).toEqual(readTrace());
    expect(Math.max(...server.requestSizes)).toBe(500);
  });

  test('a finished import says so and sends nothing; --restart sends all again', async () => {
    const file = await folder.write('calls.csv', 'Who,N\nacme,1\nacme,2\n');
    await send(file, ...MAPS);
    const again = await send(file, ...MAPS);
    expect(again.exitCode).toBe(0);
    expect(again.out).toContain('already imported, nothing was sent; --restart sends all rows again');
    expect(server.requestSizes).toEqual([2]);
    expect((await send(file, '--restart', ...MAPS)).exitCode).toBe(0);
    expect(server.requestSizes).toEqual([2, 2]);
  });

  test('lines of NDJSON are sent as they are, to the last digit', async () => {
    const lines = [
      '{"id":"a","type":"t","customer":"c","properties":{"n":9007199254740993, "d": 0.10000000000000000555}}',
      '{"id":"b","type":"t","customer":"c","properties":{"__proto__":1}}',
    ];
    const file = await folder.write('events.ndjson', `${lines.join('\n')}\n`);
    expect((await send(file)).exitCode).toBe(0);
    expect(server.bodies).toEqual([`{"events":[${lines.join(',')}]}`]);
  });

  test('no request has more events than asked for or more bytes than the server takes', async () => {
    const text = 'x'.repeat(50_000);
    const lines = Array.from({ length: 45 }, (_, id) =>
      JSON.stringify({ id: `e${id}`, type: 't', customer: 'c', properties: { text } }),
    );
    const file = await folder.write('big.ndjson', lines.join('\n'));
    expect((await send(file, '--batch-size', '30')).exitCode).toBe(0);
    expect(server.written.size).toBe(45);
    expect(Math.max(...server.bodies.map((body) => Buffer.byteLength(body)))).toBeLessThanOrEqual(1_000_000);
    expect(server.requestSizes).toEqual([19, 19, 7]);
  });
});

describe('rows that cannot be sent', () => {
  test('a broken row is named with its number, and all others arrive under their own numbers', async () => {
    const file = await folder.write('calls.csv', 'Who,N\r\nacme,1\r\nacme,2,3\r\n\r\nac"me,4\r\nglobex,5');
    const errors = folder.at('errors.ndjson');
    const { exitCode, err, out } = await send(file, '--errors', errors, ...MAPS);
    expect(exitCode).toBe(1);
    expect([...server.written.keys()]).toEqual(['0', '3']);
    expect(err).toBe(
      'row 2 (line 3): the row has 3 cells, the header 2 (import.malformed_row)\n' +
        'row 3 (line 5): a quote stands inside a cell; write "" for one in a quoted cell (import.malformed_row)\n',
    );
    expect(out).toBe('rows      4\naccepted  2\nfailed    2\n');
    const listed = (await readFile(errors, 'utf8')).trim().split('\n');
    expect(listed.map((line) => JSON.parse(line))).toMatchObject([
      { row: 2, line: 3, code: 'import.malformed_row', field: '' },
      { row: 3, line: 5, code: 'import.malformed_row', field: '' },
    ]);
  });

  test('what the server refuses is named with row, field and code', async () => {
    const file = await folder.write(
      'events.ndjson',
      '{"id":"ok","type":"t","customer":"c"}\nnot json\n{"id":"bad1","type":"t","customer":"c"}\n',
    );
    const { exitCode, err } = await send(file);
    expect(exitCode).toBe(1);
    expect(err).toBe(
      'row 2 (line 2): not valid JSON (import.malformed_row)\n' +
        'row 3 (line 3): id: is bad (event.invalid_field)\n',
    );
  });

  test('a finished import with failed rows does not turn into a success when run again', async () => {
    const file = await folder.write('events.ndjson', '{"id":"bad","type":"t","customer":"c"}\n');
    expect((await send(file)).exitCode).toBe(1);
    expect((await send(file)).exitCode).toBe(1);
    expect(server.requestSizes).toEqual([1]);
  });

  test('only the first hundred are shown, all are listed', async () => {
    const file = await folder.write('events.ndjson', 'x\n'.repeat(250));
    const errors = folder.at('errors.ndjson');
    const { err } = await send(file, '--errors', errors);
    expect(err.trim().split('\n')).toHaveLength(101);
    expect((await readFile(errors, 'utf8')).trim().split('\n')).toHaveLength(250);
    expect(server.requestSizes).toEqual([]);
  });

  test('text of a file cannot write to the terminal what it likes', async () => {
    const file = await folder.write('events.ndjson', `${JSON.stringify({ id: 'bad', type: 't' })}\n`);
    const { err } = await runCommand(['events', 'import', file, '--dry-run', '--map', 'id=\u001B[2J{id}']);
    expect(err).not.toContain('\u001B');
  });
});

describe('a server that cannot answer', () => {
  const write = () =>
    folder.write(
      'events.ndjson',
      Array.from({ length: 40 }, (_, id) => `{"id":"e${id}","type":"t","customer":"c"}\n`).join(''),
    );

  test.each<Fault>([
    'all_retry',
    'half_retry',
    'throttled',
    'internal_error',
    'closed_before_writing',
    'closed_after_writing',
  ])('every event arrives under its own id when a request ends with %s', async (fault) => {
    faultOf = (request) => (request % 2 === 0 ? fault : 'none');
    const { exitCode, out } = await send(await write(), '--batch-size', '10');
    expect(exitCode).toBe(0);
    expect(out).toContain('accepted  40\n');
    expect(server.written.size).toBe(40);
  });

  test('events that were settled are not sent again with those that were not', async () => {
    faultOf = (request) => (request === 0 ? 'half_retry' : 'none');
    await send(await write());
    expect(server.requestSizes).toEqual([40, 20]);
    expect([...server.timesWritten.values()].every((times) => times === 1)).toBe(true);
  });

  test('pauses grow, and are never shorter than the server asks for', async () => {
    faultOf = (request) => (request < 6 ? (request < 4 ? 'internal_error' : 'throttled') : 'none');
    const { sleptMs, err } = await send(await write());
    expect(sleptMs).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000]);
    expect(err).toContain('refused with 500: trying again in 0.25 s (attempt 2)');
    faultOf = () => 'throttled';
    expect((await send(await write(), '--restart')).sleptMs.slice(0, 3)).toEqual([2_000, 2_000, 2_000]);
  });

  test('a request that is too large is sent in halves', async () => {
    faultOf = (request) => (request < 2 ? 'too_large' : 'none');
    expect((await send(await write())).exitCode).toBe(0);
    expect(server.requestSizes).toEqual([40, 20, 10, 10, 10, 10]);
  });

  test('it gives up after a bounded number of attempts and goes on from there in the next run', async () => {
    faultOf = (request) => (request === 0 ? 'none' : 'internal_error');
    const file = await write();
    const stopped = await send(file, '--batch-size', '30');
    expect(stopped.exitCode).toBe(3);
    expect(stopped.err).toContain('error: gave up after 14 attempts: refused with 500 (service.internal)');
    faultOf = () => 'none';
    const resumed = await send(file, '--batch-size', '30');
    expect(resumed.err).toContain('going on at row 31');
    expect(resumed.out).toContain('accepted  40\n');
    expect(server.requestSizes.at(-1)).toBe(10);
  });

  test('a wrong key or another kind of server ends it at once', async () => {
    faultOf = () => 'unauthorized';
    const refused = await send(await write());
    expect(refused.exitCode).toBe(3);
    expect(refused.err).toBe(
      'error: refused with 401 (auth.invalid_key)\n  authorization: unknown (auth.invalid_key)\n',
    );
    faultOf = () => 'not_json';
    const other = await send(await write(), '--restart');
    expect(other.exitCode).toBe(3);
    expect(other.err).toContain('(cli.unexpected_answer)');
    expect(other.sleptMs).toEqual([]);
  });

  test('where nothing listens, it says so and tries again', async () => {
    const { url } = server;
    await server.close();
    const { exitCode, err, sleptMs } = await runCommand([
      'events',
      'import',
      await write(),
      '--url',
      url,
      '--key',
      FAKE_KEY,
    ]);
    expect(exitCode).toBe(3);
    expect(err).toContain('nothing listens there: trying again in 0.25 s');
    expect(err).toContain('(cli.server_unreachable)');
    expect(sleptMs.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(90_000);
  });
});

describe('the state of an import', () => {
  test.each([
    ['the file changed', async (file: string) => utimes(file, 1, 1)],
    ['another key', async () => undefined, ['--key', 'chk_test_another']],
    ['another URL', async () => undefined, ['--url', 'http://127.0.0.1:1']],
    ['its --map or format was another', async () => undefined, ['--map', 'time=N:epoch_s']],
  ] as const)('is of no use for another one: %s', async (reason, change, more: readonly string[] = []) => {
    const file = await folder.write('calls.csv', 'Who,N\nacme,1\n');
    await send(file, ...MAPS);
    await change(file);
    const { exitCode, err } = await send(file, ...MAPS, ...more);
    expect(exitCode).toBe(2);
    expect(err).toContain(reason);
    expect(err).toContain('(import.other_state)\n  --restart sends all rows again');
    expect(server.requestSizes).toEqual([1]);
  });

  test('never holds the key', async () => {
    const file = await folder.write('calls.csv', 'Who,N\nacme,1\n');
    await send(file, ...MAPS);
    expect(await readFile(`${file}.import.json`, 'utf8')).not.toContain(FAKE_KEY.slice(9));
  });

  test('that cannot be read is not taken for an empty one', async () => {
    const file = await folder.write('calls.csv', 'Who,N\nacme,1\n');
    await folder.write('calls.csv.import.json', '{"v":1,"rows":');
    const { exitCode, err } = await send(file, ...MAPS);
    expect(exitCode).toBe(2);
    expect(err).toContain('is not the state of an import');
  });

  test('lists the errors of a step once, though the step is done twice', async () => {
    const file = await folder.write(
      'events.ndjson',
      'x\n{"id":"a","type":"t","customer":"c"}\ny\n{"id":"b","type":"t","customer":"c"}\n',
    );
    const errors = folder.at('errors.ndjson');
    faultOf = (request) => (request === 0 ? 'none' : 'internal_error');
    expect((await send(file, '--batch-size', '1', '--errors', errors)).exitCode).toBe(3);
    faultOf = () => 'none';
    expect((await send(file, '--batch-size', '1', '--errors', errors)).exitCode).toBe(1);
    const rows = (await readFile(errors, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).row);
    expect(rows).toEqual([1, 3]);
  });
});

describe('--dry-run', () => {
  test('maps and checks everything, shows the first three events, sends nothing and needs no key', async () => {
    const { exitCode, out, err } = await runCommand(['events', 'import', TRACE, '--dry-run', ...TRACE_MAPS]);
    const expected = readTrace();
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(
      out
        .split('\n')
        .slice(0, 3)
        .map((line) => JSON.parse(line)),
    ).toEqual(expected.slice(0, 3));
    expect(out).toContain('\nrows         19,366\ncan be sent  19,366\nfailed       0\nnothing was sent\n');
  });

  test('names what the server would refuse', async () => {
    const lines = [
      '{"id":"a","type":"t","customer":"c","properties":{"n":9007199254740993}}',
      '{"id":"a","type":"t"}',
      '{"id":"a","type":"t","customer":"c","time":"yesterday"}',
      '[1]',
    ];
    const file = await folder.write('events.ndjson', lines.join('\n'));
    const { exitCode, err } = await runCommand(['events', 'import', file, '--dry-run']);
    expect(exitCode).toBe(1);
    expect(err.match(/\((\S+)\)$/gm)).toEqual([
      '(event.unsafe_integer)',
      '(event.missing_field)',
      '(event.invalid_time)',
      '(event.not_an_object)',
    ]);
  });
});
