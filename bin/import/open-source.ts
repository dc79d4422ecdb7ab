import { LIMITS } from '../../shared/kernel/limits.ts';
import { ok, type Result } from '../../shared/kernel/result.ts';
import type { CliError } from '../cli-error.ts';
import { openCsvRows } from './csv-rows.ts';
import { openJsonRows } from './json-rows.ts';
import { readLines } from './lines.ts';
import type { FileFormat, RowSource } from './row-source.ts';

/** The rows of a file as they were when it had `bytes` bytes. */
export async function openSource(input: {
  readonly path: string;
  readonly bytes: number;
  readonly format: FileFormat;
  readonly delimiter: string;
}): Promise<Result<RowSource, CliError>> {
  const { path, bytes, format, delimiter } = input;
  const lines = readLines({ path, bytes, lineBytesMax: LIMITS.importRowBytes });
  return format === 'csv' ? openCsvRows({ lines, delimiter }) : ok(await openJsonRows(lines));
}
