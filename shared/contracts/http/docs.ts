import { z } from 'zod';
import { route } from './route.ts';

/** The files that the page at `/docs` may load; nothing else is under `/docs/assets`. */
export const DOCS_ASSETS = ['start.js', 'swagger-ui-bundle.js', 'swagger-ui.css'] as const;

export type DocsAsset = (typeof DOCS_ASSETS)[number];

const TAG = 'Docs';

/** Pages for people, so no part of the OpenAPI document. */
export const DOCS_ROUTES = {
  getDocs: route({
    operationId: 'getDocs',
    method: 'GET',
    path: '/docs',
    tag: TAG,
    summary: 'The API as a page to read',
    scope: 'public',
    responses: { 200: { description: 'The page', content: { 'text/html': z.string() } } },
  }),
  getDocsAsset: route({
    operationId: 'getDocsAsset',
    method: 'GET',
    path: '/docs/assets/{file}',
    tag: TAG,
    summary: 'A script or style of the page',
    scope: 'public',
    params: z.strictObject({ file: z.enum(DOCS_ASSETS) }),
    responses: {
      200: { description: 'The file', content: { 'text/javascript': z.string(), 'text/css': z.string() } },
    },
  }),
} as const;
