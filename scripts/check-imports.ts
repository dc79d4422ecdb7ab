import path from 'node:path';
import { cruise, format, type ICruiseResult } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import { isTypeScript, listFiles } from './source-files.ts';

const RULES = path.join(import.meta.dirname, '..', '.dependency-cruiser.mjs');

export interface ImportReport {
  /** Human-readable; one line a violation. */
  readonly text: string;
  /** `rule: from -> to`, sorted. */
  readonly violations: readonly string[];
  /** Files that the graph does not show; about them its silence proves nothing. */
  readonly unseen: readonly string[];
}

/** The files that are not modules of the graph: a compiler that the cruiser cannot use leaves it empty, silently. */
export function filesUnseen(input: {
  readonly files: readonly string[];
  readonly modules: readonly { readonly source: string; readonly couldNotResolve?: boolean }[];
}): readonly string[] {
  const seen = new Set(input.modules.filter((module) => !module.couldNotResolve).map(({ source }) => source));
  return input.files.filter((file) => !seen.has(file));
}

/** Checks who imports whom below `root` (an absolute path) by .dependency-cruiser.mjs. */
export async function checkImports({ root }: { readonly root: string }): Promise<ImportReport> {
  const files = listFiles({ root }).filter(isTypeScript);
  const options = await extractOptions(RULES);
  const cruised = await cruise([...files], { ...options, baseDir: root, outputType: 'json' });
  const result = JSON.parse(String(cruised.output)) as ICruiseResult;
  const formatted = await format(result, { outputType: 'err-long' });
  return {
    text: String(formatted.output).trim(),
    violations: result.summary.violations
      .map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)
      .sort(),
    unseen: filesUnseen({ files, modules: result.modules }),
  };
}

async function main(): Promise<void> {
  const report = await checkImports({ root: path.join(import.meta.dirname, '..') });
  console.log(report.text);
  if (report.unseen.length > 0) {
    console.log(`dependency-cruiser did not see ${report.unseen.length} files: ${report.unseen.join(', ')}`);
  }
  if (report.violations.length > 0 || report.unseen.length > 0) process.exitCode = 1;
}

if (import.meta.main) await main();
