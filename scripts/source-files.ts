import { readdirSync } from 'node:fs';
import path from 'node:path';

const SKIPPED = new Set(['node_modules', 'coverage', 'cdk.out', 'dist']);

/** Every file below `root` that is ours, as relative paths with `/`, sorted; hidden folders and installed ones are left out. */
export function listFiles({ root }: { readonly root: string }): readonly string[] {
  const found: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const isHiddenFolder = entry.name.startsWith('.') && entry.name !== '.ci';
      if (entry.isFile()) found.push(name);
      else if (entry.isDirectory() && !isHiddenFolder && !SKIPPED.has(entry.name)) walk(name);
    }
  };
  walk('');
  return found.sort();
}

export function isTypeScript(file: string): boolean {
  return file.endsWith('.ts') && !file.endsWith('.d.ts');
}
