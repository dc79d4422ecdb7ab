import { DOCS_ROUTES } from '../../shared/contracts/http/docs.ts';
import { ok } from '../../shared/kernel/result.ts';
import { type Binding, bind } from '../_kit/call.ts';
import type { ServeApiDeps } from './deps.ts';
import { DOCS_PAGE, DOCS_POLICY, DOCS_START_SCRIPT } from './docs-page.ts';

/** Names stay the same when the files change, so a browser asks again before long. */
const ASSET_CACHE = 'public, max-age=3600';

/** The API as a page to read, made of nothing but what this origin serves. */
export function docsRoutes(deps: Pick<ServeApiDeps, 'readDocsAsset'>): readonly Binding[] {
  return [
    bind(DOCS_ROUTES.getDocs, async () =>
      ok({
        status: 200,
        text: { contentType: 'text/html; charset=utf-8', content: DOCS_PAGE },
        headers: {
          'cache-control': 'no-cache',
          'content-security-policy': DOCS_POLICY,
          'referrer-policy': 'no-referrer',
        },
      }),
    ),
    bind(DOCS_ROUTES.getDocsAsset, async (call) => {
      const { file } = call.params;
      const content = file === 'start.js' ? DOCS_START_SCRIPT : await deps.readDocsAsset(file);
      const kind = file.endsWith('.css') ? 'css' : 'javascript';
      return ok({
        status: 200,
        text: { contentType: `text/${kind}; charset=utf-8`, content },
        headers: { 'cache-control': ASSET_CACHE },
      });
    }),
  ];
}
