import { type FileHandle, open } from 'node:fs/promises';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { type CliError, cliError } from '../cli-error.ts';
import { systemReason } from './file-identity.ts';

/** A row that was not accepted. `row` and `line` count from 1; the header has a line and is no row. */
export interface FailedRow {
  readonly row: number;
  readonly line: number;
  readonly code: string;
  readonly field: string;
  readonly message: string;
}

/** The file of `--errors`: one JSON object a failed row. */
export interface ErrorsFile {
  readonly bytes: number;
  /** Durable when it resolves. */
  append(rows: readonly FailedRow[]): Promise<Result<void, CliError>>;
  close(): Promise<void>;
}

/** Keeps the first `keepBytes` bytes of an earlier run and cuts what came after its last settled row. */
export async function openErrorsFile(path: string, keepBytes: number): Promise<Result<ErrorsFile, CliError>> {
  try {
    const file = await open(path, keepBytes === 0 ? 'w' : 'a');
    const { size } = await file.stat();
    if (size > keepBytes) await file.truncate(keepBytes);
    return ok(errorsFileOf(path, file, Math.min(size, keepBytes)));
  } catch (thrown) {
    return err(
      cliError({ exitCode: 2, code: 'cli.file_unusable', message: `${path}: ${systemReason(thrown)}` }),
    );
  }
}

function errorsFileOf(path: string, file: FileHandle, startBytes: number): ErrorsFile {
  let bytes = startBytes;
  return {
    get bytes() {
      return bytes;
    },
    append: async (rows) => {
      if (rows.length === 0) return ok(undefined);
      const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      try {
        await file.appendFile(text);
        await file.sync();
      } catch (thrown) {
        const message = `${path}: ${systemReason(thrown)}`;
        return err(cliError({ exitCode: 3, code: 'cli.file_unusable', message }));
      }
      bytes += Buffer.byteLength(text);
      return ok(undefined);
    },
    close: () => file.close(),
  };
}
