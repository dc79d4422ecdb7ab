import { LIMITS } from '../../shared/kernel/limits.ts';
import { oneLine } from '../terminal.ts';
import type { FailedRow } from './errors-file.ts';
import type { Progress } from './progress.ts';

/** `row 7 (line 8): time: not a time … (event.invalid_time)` */
function describe({ row, line, code, field, message }: FailedRow): string {
  const place = field === '' ? '' : `${oneLine(field)}: `;
  return `row ${row} (line ${line}): ${place}${oneLine(message)} (${oneLine(code)})`;
}

/** Tells of failed rows one by one, up to a limit: a file with the wrong mapping has millions of them. */
export function problemList(input: { readonly progress: Progress; readonly errorsPath: string | null }) {
  let shown = 0;
  return (rows: readonly FailedRow[]): void => {
    for (const row of rows) {
      shown += 1;
      if (shown <= LIMITS.importProblemsShown) input.progress.problem(describe(row));
      if (shown === LIMITS.importProblemsShown + 1) {
        const all = input.errorsPath === null ? '; --errors FILE lists all' : ` (all: ${input.errorsPath})`;
        input.progress.problem(`further failed rows are only counted${all}`);
      }
    }
  };
}
