import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { DocsAsset } from '../../contracts/http/docs.ts';

/** The files of Swagger UI (Apache-2.0) that the page at `/docs` loads, and where the installed package has them. */
const INSTALLED = {
  'swagger-ui-bundle.js': () => import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
  'swagger-ui.css': () => import.meta.resolve('swagger-ui-dist/swagger-ui.css'),
} as const satisfies Partial<Record<DocsAsset, () => string>>;

type InstalledAsset = keyof typeof INSTALLED;

/** Gives a file's text; a rejection means that the file could not be read. */
export type ReadDocsAsset = (name: InstalledAsset) => Promise<string>;

/** Reads the files out of node_modules, each once: where the product runs unbundled. */
export function createInstalledDocsAssets(): ReadDocsAsset {
  const read = new Map<InstalledAsset, string>();
  return async (name) => {
    const known = read.get(name);
    if (known !== undefined) return known;
    const text = await readFile(fileURLToPath(INSTALLED[name]()), 'utf8');
    read.set(name, text);
    return text;
  };
}
