import { describe, expect, test } from 'vitest';
import { createApi } from './api-under-test.ts';
import { BAD_CHARGES, BAD_PLANS } from './plan-bad-input-cases.ts';

const FIRST = { key: 'first', price: { model: 'flat', amount: '1' } };
const GOOD = { key: 'second', meter: 'requests', price: { model: 'per_unit', unitAmount: '0.000015' } };
const PLAN = { key: 'pro', name: 'Pro', currency: 'USD', cadence: 'month', charges: [FIRST, GOOD] };

describe('a charge is refused for', () => {
  test.each(BAD_CHARGES)('$name: $code', async ({ charge, code, field }) => {
    const { call, kept } = await createApi();
    const charges = [FIRST, { ...GOOD, ...charge }];
    const before = kept().length;
    const created = await call('POST', '/v1/plans', { body: { ...PLAN, charges } });
    expect([created.status, created.body.code]).toEqual([400, code]);
    expect(created.body.errors.map(({ path }) => path)).toEqual([`charges[1]${field}`]);
    expect(kept()).toHaveLength(before);
    await call('POST', '/v1/plans', { body: PLAN });
    const headers = { 'if-match': '"1"' };
    const put = await call('PUT', '/v1/plans/pro/versions/1', { body: { charges }, headers });
    expect(put.body.errors).toEqual(created.body.errors);
    await call('DELETE', '/v1/plans/pro/versions/1');
    const drafted = await call('POST', '/v1/plans/pro/versions', { body: { charges } });
    expect(drafted.body.errors).toEqual(created.body.errors);
  });
});

describe('a plan is refused for', () => {
  test.each(BAD_PLANS)('%s', async (_name, fields, code, field) => {
    const { call, kept } = await createApi();
    const before = kept().length;
    const answer = await call('POST', '/v1/plans', { body: { ...PLAN, ...fields } });
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    expect(answer.body.errors.map(({ path }) => path)).toEqual([field]);
    expect(kept()).toHaveLength(before);
  });
});

test('everything that a charge may say is taken and given back as it was sent', async () => {
  const { call } = await createApi();
  const charges = [
    {
      key: 'seats',
      name: 'Seats',
      kind: 'recurring',
      price: {
        model: 'volume',
        tiers: [
          { upTo: '10', unitAmount: '5.00' },
          { upTo: null, flatAmount: '0' },
        ],
      },
      prices: { EUR: { model: 'flat', amount: '4' }, JPY: { model: 'flat', amount: '600' } },
      timing: 'arrears',
      proration: 'day',
      quantity: '2',
      taxCode: 'txcd_1',
    },
    {
      key: 'requests',
      meter: 'requests',
      filters: { model: ['large', ''] },
      price: {
        model: 'package',
        packageSize: '0.5',
        packageAmount: '0.000000000001',
        freeUnits: '0',
        rounding: 'down',
      },
      convert: { divideBy: '1000', multiplyBy: '1', round: 'half_up', scale: 12 },
      includedUnits: '100',
      discounts: [
        { type: 'percent', percent: '10' },
        { type: 'amount', amount: '5' },
        { type: 'units', units: '10' },
      ],
      maximum: '100.10',
      minimum: '100.10',
      timing: 'arrears',
    },
  ];
  const created = await call('POST', '/v1/plans', { body: { ...PLAN, charges } });
  expect(created.status).toBe(201);
  expect((await call('GET', '/v1/plans/pro/versions/1')).body.charges).toEqual(charges);
});

test.each([
  ['an unknown field', { when: 'now' }, 'request.unknown_field', 'when'],
  ['an unknown way to apply', { apply: 'retroactively' }, 'request.invalid_field', 'apply'],
  [
    'a time without offset',
    { effectiveFrom: '2026-01-01T00:00:00' },
    'request.invalid_field',
    'effectiveFrom',
  ],
  ['a reason of nothing', { reason: '' }, 'request.invalid_field', 'reason'],
])('a publish is refused for %s', async (_name, body, code, field) => {
  const { call } = await createApi();
  await call('POST', '/v1/plans', { body: { ...PLAN, charges: [FIRST] } });
  const answer = await call('POST', '/v1/plans/pro/versions/1/publish', { body });
  expect([answer.status, answer.body.code]).toEqual([400, code]);
  expect(answer.body.errors.map(({ path }) => path)).toEqual([field]);
  expect((await call('GET', '/v1/plans/pro/versions/1')).body.status).toBe('draft');
});

test('a body that may be left out is read where there is one', async () => {
  const { call } = await createApi();
  await call('POST', '/v1/plans', { body: { ...PLAN, charges: [FIRST] } });
  const path = '/v1/plans/pro/versions/1/publish';
  const malformed = await call('POST', path, { rawBody: '{"reason":' });
  expect(malformed.body.code).toBe('request.malformed_json');
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await call('POST', path, { rawBody: 'a=b', headers: form })).status).toBe(415);
  expect((await call('POST', path, { rawBody: '', headers: form })).status).toBe(200);
});
