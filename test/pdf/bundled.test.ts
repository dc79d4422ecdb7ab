import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createInstalledFonts } from '../../shared/adapters/pdf/font-files.ts';
import { renderInvoicePdf } from '../../shared/adapters/pdf/render-invoice-pdf.ts';
import { fontNames, readPdf } from './read-pdf.ts';
import { CUSTOMER, SELLER, sampleInvoice, usageLine } from './sample-invoice.ts';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '..', '..');
const KIB = 1024;

/** As a Lambda function would hold it: the renderer and, beside the bundle, the fonts. */
const ENTRY = `
  import { readFileSync, writeFileSync } from 'node:fs';
  import { createFolderFonts } from './shared/adapters/pdf/font-files.ts';
  import { renderInvoicePdf } from './shared/adapters/pdf/render-invoice-pdf.ts';

  const readFont = createFolderFonts({ folder: new URL('fonts/', import.meta.url) });
  const [inputPath, outputPath] = process.argv.slice(2);
  const input = JSON.parse(readFileSync(inputPath, 'utf8'));
  writeFileSync(outputPath, await renderInvoicePdf({ ...input, readFont }));
`;

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'invoice-bundle-'));
  await build({
    stdin: { contents: ENTRY, resolveDir: root, loader: 'ts' },
    outfile: path.join(folder, 'index.mjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // The name must differ from what pdfkit imports, for the banner is no part of what esbuild renames.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    logLevel: 'error',
  });
  await run(process.execPath, [path.join(root, 'scripts', 'copy-fonts.ts'), path.join(folder, 'fonts')]);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const input = {
  invoice: sampleInvoice({
    lines: [...sampleInvoice().lines, usageLine({ description: '東京 Łódź Ελλάδα' })],
  }),
  seller: SELLER,
  customer: CUSTOMER,
  paper: 'a4',
} as const;

/** The bytes that a process of its own makes, in the time zone. */
async function renderBundled(timeZone: string): Promise<Uint8Array> {
  const inputPath = path.join(folder, 'input.json');
  const outputPath = path.join(folder, 'output.pdf');
  writeFileSync(inputPath, JSON.stringify(input));
  await run(process.execPath, [path.join(folder, 'index.mjs'), inputPath, outputPath], {
    cwd: folder,
    env: { TZ: timeZone },
  });
  return new Uint8Array(readFileSync(outputPath));
}

test('one bundled file with the fonts beside it prints a whole invoice, without the standard fonts of pdfkit', async () => {
  expect(readdirSync(path.join(folder, 'fonts')).sort()).toEqual([
    'NotoSansJP_400Regular.ttf',
    'NotoSansJP_600SemiBold.ttf',
    'NotoSans_400Regular.ttf',
    'NotoSans_600SemiBold.ttf',
  ]);
  const bytes = await renderBundled('UTC');
  const [page] = await readPdf(bytes);
  expect(page?.text).toContain('東京 Łódź Ελλάδα 821,386 tokens USD 12.32');
  expect(page?.text).toContain('Amount due USD 45.01');
  expect([...fontNames(bytes)].every((name) => name.startsWith('NotoSans'))).toBe(true);
});

test('bundled or not, in whatever time zone the machine is, the bytes are the same', async () => {
  const here = await renderInvoicePdf({ ...input, readFont: createInstalledFonts() });
  for (const timeZone of ['UTC', 'Pacific/Auckland', 'America/Los_Angeles']) {
    expect(Buffer.from(await renderBundled(timeZone)).equals(here)).toBe(true);
  }
});

test('the bundle without its fonts stays below 1,200 KiB', () => {
  expect(statSync(path.join(folder, 'index.mjs')).size).toBeLessThan(1_200 * KIB);
});
