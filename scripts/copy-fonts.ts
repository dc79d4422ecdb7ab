import { copyFonts } from '../shared/adapters/pdf/font-files.ts';

/** `node scripts/copy-fonts.ts FOLDER`: puts the fonts that invoices are printed in beside a bundle. */
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node scripts/copy-fonts.ts FOLDER');
  process.exitCode = 2;
} else {
  await copyFonts({ folder });
}
