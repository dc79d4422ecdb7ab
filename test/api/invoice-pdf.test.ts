import { expect, test } from 'vitest';
import type { ServeApiDeps } from '../../functions/serve-api/deps.ts';
import { authenticateSecret } from '../../shared/app/auth/authenticate-secret.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import { createPlanVersion } from '../../shared/app/plans/create-version.ts';
import { publishPlanVersion } from '../../shared/app/plans/publish-version.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { bill, createBillingWorld, DECEMBER_MS, NOVEMBER_MS, TENANT } from '../invoicing/billing-world.ts';
import { createApi } from './api-under-test.ts';

const HALF_MONTH_MS = 15 * 86_400_000;
const CHARGES = Array.from({ length: 100 }, (_, index) => ({
  key: `fee_${index}`,
  timing: 'arrears' as const,
  price: { model: 'flat', amount: '1.00' } as const,
}));

/** November has two versions of a plan of 100 charges: an invoice of two pages of lines. */
async function createLongInvoice(renderInvoicePdf: ServeApiDeps['renderInvoicePdf']) {
  const world = await createBillingWorld(CHARGES);
  const config = { ...world.config, pepper: 'a pepper of at least thirty-two characters' };
  const tenant = { key: TENANT, mode: 'live' } as const;
  const plan = 'llm_pro';
  await createPlanVersion(config)({ tenant, plan });
  const half = { effectiveFromMs: NOVEMBER_MS + HALF_MONTH_MS, apply: 'immediately' } as const;
  const published = await publishPlanVersion(config)({ tenant, plan, version: 2, ...half });
  expect(published).toMatchObject({ ok: true });
  await world.subscribe('acme');
  await bill(world, world.run, DECEMBER_MS);
  const key = { name: 'a key', tenant: TENANT, mode: 'live', scopes: ['invoices:read'] } as const;
  const issued = await issueKey(config)(key);
  if (!issued.ok) throw new Error(issued.error.code);
  const { items, objects } = world;
  const stores = { items, objects, authenticateSecret: authenticateSecret(config) };
  const api = await createApi({ ...stores, renderInvoicePdf });
  const call = (method: string, path: string) => api.call(method, path, { secret: issued.value.secret });
  const [invoice] = (await call('GET', '/v1/invoices')).body.data;
  return { call, invoice, pdfPath: ROUTES.getInvoicePdf.path.replace('{id}', String(invoice?.id)) };
}

test('an invoice is printed with all of its lines, also where it is shown with the first ones', async () => {
  const printed: (readonly [lines: number, cursor: string | null])[] = [];
  const { call, invoice, pdfPath } = await createLongInvoice(
    async ({ invoice: { lines, linesNextCursor } }) => {
      printed.push([lines.length, linesNextCursor]);
      return new Uint8Array();
    },
  );
  expect(invoice?.lines).toHaveLength(100);
  expect(invoice?.linesNextCursor).toEqual(expect.any(String));
  expect((await call('GET', pdfPath)).status).toBe(200);
  expect(printed).toEqual([[200, null]]);
});

test('an invoice on paper can be read, and nothing else', async () => {
  const { call, pdfPath } = await createLongInvoice(async () => new Uint8Array());
  const head = await call('HEAD', pdfPath);
  expect([head.status, head.text, head.headers['content-type']]).toEqual([200, '', 'application/pdf']);
  const refused = await call('POST', pdfPath);
  expect([refused.status, refused.headers.allow]).toEqual([405, 'GET, HEAD']);
});
