import { expect, test } from 'vitest';
import type { ServeApiDeps } from '../../functions/serve-api/deps.ts';
import { createInstalledFonts } from '../../shared/adapters/pdf/font-files.ts';
import { renderInvoicePdf } from '../../shared/adapters/pdf/render-invoice-pdf.ts';
import { authenticateSecret } from '../../shared/app/auth/authenticate-secret.ts';
import { verifyFiles } from '../../shared/app/invoicing/verify-files.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import { createTenant } from '../../shared/app/tenants/create-tenant.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import {
  bill,
  createBillingWorld,
  DECEMBER_MS,
  draft,
  JANUARY_MS,
  NOVEMBER_MS,
  TENANT,
} from '../invoicing/billing-world.ts';
import { createApi } from './api-under-test.ts';

const DAY_MS = 86_400_000;
const readFont = createInstalledFonts();
const print: ServeApiDeps['renderInvoicePdf'] = ({ invoice, seller, customer, paper }) => {
  const withoutAddress = { addressLines: [] };
  const parties = { seller: { ...seller, ...withoutAddress }, customer: { ...customer, ...withoutAddress } };
  return renderInvoicePdf({ invoice, ...parties, paper, readFont });
};
const NOVEMBER = { from: '2023-11-01T00:00:00.000Z', to: '2023-12-01T00:00:00.000Z' };

/** Two customers with November finalized, one of them with a request, and December drafted. */
async function createBilledApi(
  charges?: readonly Charge[],
  renderInvoicePdf: ServeApiDeps['renderInvoicePdf'] = async () => new Uint8Array(),
) {
  const world = await createBillingWorld(charges);
  const config = { ...world.config, pepper: 'a pepper of at least thirty-two characters' };
  const issued = await issueKey(config)({
    ...{ name: 'a key', tenant: TENANT, mode: 'live', scopes: ['invoices:read'] },
  } as const);
  if (!issued.ok) throw new Error(issued.error.code);
  const { secret } = issued.value;
  for (const customer of ['acme', 'globex']) await world.subscribe(customer);
  const dimensions = '{}';
  await world.count([{ customer: 'acme', meter: 'requests', dimensions, timeMs: NOVEMBER_MS + DAY_MS }]);
  await bill(world, world.run, DECEMBER_MS);
  await world.passFence(JANUARY_MS);
  await draft(world.run, JANUARY_MS);
  const { items, objects } = world;
  const api = await createApi({
    items,
    objects,
    renderInvoicePdf,
    authenticateSecret: authenticateSecret(config),
  });
  return { ...api, get: (path: string, as = secret) => api.call('GET', path, { secret: as }) };
}

test('invoices are listed by customer, subscription and status, and read as they are listed', async () => {
  const { get } = await createBilledApi();
  const all = (await get('/v1/invoices')).body.data;
  expect(all).toHaveLength(4);
  const listed = (await get('/v1/invoices?customer=acme')).body.data;
  expect(listed).toMatchObject([
    { customer: 'acme', status: 'finalized', period: NOVEMBER, total: '20.00', linesNextCursor: null },
    { customer: 'acme', status: 'draft', number: null, finalizedAt: null },
  ]);
  expect((await get('/v1/invoices?subscription=sub_acme')).body.data).toEqual(listed);
  const drafts = (await get('/v1/invoices?status=draft')).body.data;
  expect(drafts).toEqual(all.filter(({ status }) => status === 'draft'));
  expect((await get('/v1/invoices?customer=acme&status=finalized')).body.data).toEqual(listed.slice(0, 1));
  expect((await get(`/v1/invoices/${listed[0]?.id}`)).body).toEqual(listed[0]);
});

test('invoices are paged without a gap or a double', async () => {
  const { get } = await createBilledApi();
  const first = await get('/v1/invoices?limit=3');
  const rest = await get(`/v1/invoices?limit=3&cursor=${first.body.nextCursor}`);
  expect([...first.body.data, ...rest.body.data]).toEqual((await get('/v1/invoices')).body.data);
  expect([first.body.data.length, rest.body.nextCursor]).toEqual([3, null]);
});

test('what the API answers is enough to verify an invoice: its JSON and its evidence', async () => {
  const { get } = await createBilledApi();
  const [invoice] = (await get('/v1/invoices?customer=acme&status=finalized')).body.data;
  const evidence = await get(`/v1/invoices/${invoice?.id}/evidence`);
  expect(evidence.headers['content-type']).toBe('application/x-ndjson');
  const lines = evidence.bytes.toString('utf8').split('\n').slice(0, -1);
  expect(lines.filter((line) => line.includes('"kind":"event"'))).toHaveLength(1);
  const numbered = (async function* () {
    for (const [index, text] of lines.entries()) yield { number: index + 1, text };
  })();
  const verdict = await verifyFiles({ invoice: JSON.stringify(invoice), evidence: numbered });
  expect(verdict).toMatchObject({ ok: true, value: { difference: null, events: 1 } });
});

test('an invoice shows its first lines, and the cursor with them goes on where they end', async () => {
  const price = { model: 'flat', amount: '1.00' } as const;
  const charges = Array.from({ length: 100 }, (_, index) => ({ key: `fee_${index}`, price }));
  const { get } = await createBilledApi(charges);
  const [first] = (await get('/v1/invoices?customer=acme&status=finalized')).body.data;
  const lines = await get(`/v1/invoices/${first?.id}/lines?limit=60`);
  const rest = await get(`/v1/invoices/${first?.id}/lines?limit=60&cursor=${lines.body.nextCursor}`);
  expect([...lines.body.data, ...rest.body.data]).toEqual(first?.lines);
  expect([lines.body.data.length, rest.body.data.length, rest.body.nextCursor]).toEqual([60, 40, null]);
  const other = (await get('/v1/invoices?customer=globex')).body.data[0]?.id;
  const foreign = await get(`/v1/invoices/${other}/lines?cursor=${lines.body.nextCursor}`);
  expect([foreign.status, foreign.body.code]).toEqual([400, 'request.invalid_cursor']);
});

test('a draft has no evidence, and what belongs to others is like what does not exist', async () => {
  const { get } = await createBilledApi();
  const [draftInvoice] = (await get('/v1/invoices?status=draft')).body.data;
  const early = await get(`/v1/invoices/${draftInvoice?.id}/evidence`);
  expect([early.status, early.body.code]).toEqual([409, 'invoice.no_evidence']);
  for (const path of ['', '/lines', '/evidence', '.pdf']) {
    const missing = await get(`/v1/invoices/inv_none${path}`);
    expect([missing.status, missing.body.code]).toEqual([404, 'invoice.not_found']);
  }
});

test('the printer gets the whole invoice with both names, and its bytes arrive as they are', async () => {
  const asked: unknown[] = [];
  const { get } = await createBilledApi(undefined, async (input) => {
    asked.push(input);
    return new Uint8Array([0x25, 0x50, 0xff, 0x00]);
  });
  const [invoice] = (await get('/v1/invoices?customer=acme&status=finalized')).body.data;
  const pdf = await get(`/v1/invoices/${invoice?.id}.pdf`);
  expect([pdf.status, pdf.headers['content-type']]).toEqual([200, 'application/pdf']);
  expect([...pdf.bytes]).toEqual([0x25, 0x50, 0xff, 0x00]);
  expect(asked).toEqual([{ invoice, seller: { name: 'Acme' }, customer: { name: 'acme' }, paper: 'a4' }]);
});

test.each([
  ['', [595.28, 841.89]],
  ['?paper=a4', [595.28, 841.89]],
  ['?paper=letter', [612, 792]],
])('an invoice asked for with "%s" is a PDF file with pages of %s points', async (query, [width, height]) => {
  const { get } = await createBilledApi(undefined, print);
  const [invoice] = (await get('/v1/invoices?customer=acme&status=finalized')).body.data;
  const pdf = await get(`/v1/invoices/${invoice?.id}.pdf${query}`);
  expect([pdf.status, pdf.headers['content-type']]).toEqual([200, 'application/pdf']);
  const content = pdf.bytes.toString('latin1');
  expect(content).toMatch(/^%PDF-/);
  expect(content).toContain(`/MediaBox [0 0 ${width} ${height}]`);
});

test('an invoice as PDF has one address: the one that ends in .pdf', async () => {
  const { get } = await createBilledApi();
  const [invoice] = (await get('/v1/invoices?status=finalized')).body.data;
  for (const path of ['/pdf', '/pdf/', '/PDF', '%2Fpdf']) {
    const other = await get(`/v1/invoices/${invoice?.id}${path}`);
    expect([path, other.status]).toEqual([path, 404]);
  }
  expect((await get(`/v1/invoices/${invoice?.id}/pdf`)).body.code).toBe('request.not_found');
});

test('there is no paper but A4 and letter', async () => {
  const { get } = await createBilledApi();
  const [invoice] = (await get('/v1/invoices?status=finalized')).body.data;
  const refused = await get(`/v1/invoices/${invoice?.id}.pdf?paper=a5`);
  expect([refused.status, refused.body.errors[0]?.path]).toEqual([400, 'paper']);
});

test('a key of another tenant sees no invoice', async () => {
  const { get, call } = await createApiOfAnother();
  expect((await call('/v1/invoices')).body.data).toEqual([]);
  const [invoice] = (await get('/v1/invoices')).body.data;
  for (const path of ['', '/lines', '/evidence', '.pdf']) {
    expect((await call(`/v1/invoices/${invoice?.id}${path}`)).body.code).toBe('invoice.not_found');
  }
});

async function createApiOfAnother() {
  const api = await createBilledApi();
  const config = { ...api.deps, pepper: 'a pepper of at least thirty-two characters' };
  const name = { key: 'other', name: 'Other', mode: 'live' } as const;
  await createTenant(config)(name);
  const issued = await issueKey(config)({
    ...{ name: 'a key', tenant: name.key, mode: name.mode, scopes: ['invoices:read'] },
  });
  if (!issued.ok) throw new Error(issued.error.code);
  return { get: api.get, call: (path: string) => api.get(path, issued.value.secret) };
}
