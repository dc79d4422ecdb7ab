import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { authenticateSecret } from '../../shared/app/auth/authenticate-secret.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import { invoiceFromItem, invoicesPartition } from '../../shared/app/records/invoice.ts';
import { bill, createBillingWorld, DECEMBER_MS, NOVEMBER_MS, TENANT } from '../invoicing/billing-world.ts';
import { createApi } from './api-under-test.ts';

const PIECE = 4_000_000;
const DAY_MS = 86_400_000;

/** A finalized invoice, its evidence as the customer is to get it, and a way to ask for it. */
async function createBilledApi(padding = 0) {
  const world = await createBillingWorld();
  await world.subscribe('acme');
  const dimensions = '{}';
  await world.count([{ customer: 'acme', meter: 'requests', dimensions, timeMs: NOVEMBER_MS + DAY_MS }]);
  await bill(world, world.run, DECEMBER_MS);
  const { items, objects, config } = world;
  const [item] = (await items.query({ table: 'main', pk: invoicesPartition(TENANT), limit: 1 })).items;
  if (item === undefined) throw new Error('no invoice');
  const { id, number, evidenceObject } = invoiceFromItem(item);
  const stored = await objects.get(evidenceObject ?? '');
  const records = new TextDecoder().decode(stored).split('\n').slice(0, -1);
  // Of any size: what lies between the ends goes out as it is stored, whatever it says.
  records.splice(2, 0, ...paddingOf(padding));
  await objects.put({ key: evidenceObject ?? '', body: Buffer.from(`${records.join('\n')}\n`) });
  const secretDeps = { ...config, pepper: 'a pepper of at least thirty-two characters' };
  const issued = await issueKey(secretDeps)({
    ...{ name: 'a key', tenant: TENANT, mode: 'live', scopes: ['invoices:read'] },
  } as const);
  if (!issued.ok) throw new Error(issued.error.code);
  const { secret } = issued.value;
  const { call } = await createApi({ items, objects, authenticateSecret: authenticateSecret(secretDeps) });
  const path = `/v1/invoices/${id}/evidence`;
  const get = (headers: Record<string, string> = {}, method = 'GET') =>
    call(method, path, { secret, headers });
  return { get, expected: numbered(records, number ?? '') };
}

function paddingOf(bytes: number): readonly string[] {
  const line = `{"Łódź":"${'€'.repeat(400)}"}`;
  return Array.from({ length: Math.ceil(bytes / (Buffer.byteLength(line) + 1)) }, () => line);
}

/** What the format says of a numbered file, written once more. */
function numbered(records: readonly string[], number: string): Buffer {
  const head = (records[0] ?? '').replace('"number":null', `"number":"${number}"`);
  const before = `${[head, ...records.slice(1, -1)].join('\n')}\n`;
  const sha256 = createHash('sha256').update(before).digest('hex');
  return Buffer.from(`${before}${(records.at(-1) ?? '').replace(/[0-9a-f]{64}/, sha256)}\n`);
}

test('a small file comes whole, or in any range of its bytes', async () => {
  const { get, expected } = await createBilledApi();
  const whole = await get();
  expect([whole.status, whole.headers['accept-ranges'], whole.bytes.equals(expected)]).toEqual([
    ...[200, 'bytes', true],
  ]);
  const size = expected.byteLength;
  const range = fc.tuple(fc.nat({ max: size - 1 }), fc.nat({ max: size + 50 }));
  await fc.assert(
    fc.asyncProperty(range, async ([first, length]) => {
      const answer = await get({ range: `bytes=${first}-${first + length}` });
      const piece = expected.subarray(first, first + length + 1);
      expect([answer.status, answer.bytes.equals(piece)]).toEqual([206, true]);
      expect(answer.headers['content-range']).toBe(`bytes ${first}-${first + piece.byteLength - 1}/${size}`);
      expect(answer.headers.etag).toBe(whole.headers.etag);
    }),
    { numRuns: 30 },
  );
});

test('a large file is the same, byte for byte, put together from pieces that a Lambda can answer', async () => {
  const { get, expected } = await createBilledApi(9_500_000);
  const size = expected.byteLength;
  const pieces: Buffer[] = [];
  for (let first = 0; first < size; ) {
    const answer = await get({ range: `bytes=${first}-` });
    expect(answer.status).toBe(206);
    expect(answer.text.length).toBeLessThan(6_000_000);
    expect(answer.headers['content-range']).toMatch(new RegExp(`^bytes ${first}-\\d+/${size}$`));
    pieces.push(answer.bytes);
    first += answer.bytes.byteLength;
  }
  expect(pieces.map((piece) => piece.byteLength).slice(0, -1)).toEqual([PIECE, PIECE]);
  expect(Buffer.concat(pieces).equals(expected)).toBe(true);
  for (const [first, last] of [
    [0, 10],
    [size - 400, size - 1],
    [300, 900],
    [PIECE - 5, PIECE + 5],
  ] as const) {
    const answer = await get({ range: `bytes=${first}-${last}` });
    expect(answer.bytes.equals(expected.subarray(first, last + 1))).toBe(true);
  }
});

test('a large file is never cut off without a word: it is asked for in ranges', async () => {
  const { get, expected } = await createBilledApi(PIECE);
  const refused = await get();
  expect([refused.status, refused.body.code]).toEqual([400, 'request.range_required']);
  expect(refused.body.detail).toBe(
    `It has ${expected.byteLength} bytes. Ask for at most 4000000 at a time: Range: bytes=0-3999999`,
  );
  const head = await get({}, 'HEAD');
  expect([head.status, head.headers['content-length']]).toEqual([200, String(expected.byteLength)]);
});

test.each([
  ['the last bytes', 'bytes=-7', -7, undefined],
  ['more than there are from the end', 'bytes=-9999999', 0, undefined],
  ['an open end', 'bytes=12-', 12, undefined],
  ['another case', 'BYTES=12-13', 12, 14],
])('a range may be %s', async (_, range, start, end) => {
  const { get, expected } = await createBilledApi();
  const answer = await get({ range });
  expect([answer.status, answer.bytes.equals(expected.subarray(start, end))]).toEqual([206, true]);
});

test.each(['bytes=5-2', 'bytes=-', 'bytes=0-1,4-5', 'lines=0-1', 'bytes=a-b', 'bytes 0-1'])(
  'what is no single range of bytes is ignored: %s',
  async (range) => {
    const { get, expected } = await createBilledApi();
    const answer = await get({ range });
    expect([answer.status, answer.bytes.equals(expected)]).toEqual([200, true]);
  },
);

test.each(['bytes=999999999-', 'bytes=-0'])(
  'where a range has nothing, the size is said: %s',
  async (range) => {
    const { get, expected } = await createBilledApi();
    const answer = await get({ range });
    expect([answer.status, answer.body.code]).toEqual([416, 'request.range_not_satisfiable']);
    expect(answer.headers['content-range']).toBe(`bytes */${expected.byteLength}`);
  },
);

test('If-Range asks for a range of the same file only', async () => {
  const { get } = await createBilledApi();
  const { headers } = await get();
  const range = 'bytes=0-3';
  expect((await get({ range, 'if-range': headers.etag ?? '' })).status).toBe(206);
  expect((await get({ range, 'if-range': '"another"' })).status).toBe(200);
});
