import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createInstalledDocsAssets } from '../../shared/adapters/docs-assets/installed-assets.ts';
import { openApiDocument } from '../../shared/contracts/http/openapi.ts';
import { createApi } from './api-under-test.ts';

const BUNDLE = new URL('../../node_modules/swagger-ui-dist/swagger-ui-bundle.js', import.meta.url);
const STYLES = new URL('../../node_modules/swagger-ui-dist/swagger-ui.css', import.meta.url);

async function createDocs() {
  const api = await createApi({ readDocsAsset: createInstalledDocsAssets() });
  return (path: string) => api.call('GET', path, { secret: null });
}

test('the docs page takes no key, is HTML and lets nothing in but its own origin', async () => {
  const get = await createDocs();
  const page = await get('/docs');
  expect(page.status).toBe(200);
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.headers['cache-control']).toBe('no-cache');
  const policy = page.headers['content-security-policy'] ?? '';
  expect(policy.split('; ')).toContain("default-src 'self'");
  expect(policy).not.toMatch(/https?:|\*|unsafe-|blob:/);
});

test('the docs page names local files alone, and each of them is served', async () => {
  const get = await createDocs();
  const { text } = await get('/docs');
  const named = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address ?? '');
  const fetched = named.filter((address) => address !== 'data:,');
  expect(fetched).toEqual([
    '/docs/assets/swagger-ui.css',
    '/v1/openapi.json',
    '/docs/assets/swagger-ui-bundle.js',
    '/docs/assets/start.js',
  ]);
  for (const address of fetched) expect((await get(address)).status, address).toBe(200);
  // The policy lets no script or style inside the page run, so there must be none.
  expect(text).not.toMatch(/<style|<script>|\son\w+=|style=/);
});

test('the script that starts the page reads our document and asks no validator', async () => {
  const { text } = await (await createDocs())('/docs/assets/start.js');
  expect(text).toContain("url: '/v1/openapi.json'");
  expect(text).toContain('validatorUrl: null');
  expect(text).not.toMatch(/https?:|\/\/\w/);
});

test('assets are the installed files, with the type of each, and may be kept for a while', async () => {
  const get = await createDocs();
  for (const [name, file, type] of [
    ['swagger-ui-bundle.js', BUNDLE, 'text/javascript; charset=utf-8'],
    ['swagger-ui.css', STYLES, 'text/css; charset=utf-8'],
  ] as const) {
    // Twice: read, then remembered.
    for (const _ of [1, 2]) {
      const asset = await get(`/docs/assets/${name}`);
      expect(asset.status).toBe(200);
      expect(asset.headers['content-type']).toBe(type);
      expect(asset.headers['cache-control']).toBe('public, max-age=3600');
      expect(asset.text === (await readFile(file, 'utf8')), 'the bytes of the file').toBe(true);
    }
  }
});

test.each([
  '/docs/assets/index.html',
  '/docs/assets/swagger-ui.js',
  '/docs/assets/package.json',
  '/docs/assets/',
  '/docs/assets/constructor',
  '/docs/assets/../../package.json',
  '/docs/assets/..%2F..%2F..%2Fpackage.json',
  '/docs/assets/%2e%2e%2fswagger-ui-dist%2fswagger-ui.css',
  '/docs/assets/..%5cswagger-ui.css',
  '/docs/assets/swagger-ui.css%00',
  '/docs/assets/%zz',
])('what is not on the list is not found: %s', async (path) => {
  const answer = await (await createDocs())(path);
  expect(answer.status).toBe(404);
  expect(answer.headers['content-type']).toBe('application/problem+json');
});

test('pages for people are no part of the OpenAPI document', () => {
  expect(Object.keys(openApiDocument().paths ?? {}).filter((path) => path.startsWith('/docs'))).toEqual([]);
});
