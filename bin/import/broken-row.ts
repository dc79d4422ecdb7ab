import { unreachable } from '../../shared/kernel/assert.ts';
import type { FieldIssue } from '../../shared/kernel/errors.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import type { TextLine } from './lines.ts';

export function malformedRow(message: string): FieldIssue {
  return { path: '', code: 'import.malformed_row', message };
}

export function rowTooLong(): FieldIssue {
  const message = `longer than ${LIMITS.importRowBytes} bytes`;
  return { path: '', code: 'import.row_too_long', message };
}

/** What is wrong with a line that has no text. */
export function brokenLine({ problem }: TextLine): FieldIssue {
  switch (problem) {
    case 'too_long':
      return rowTooLong();
    case 'not_utf8':
    case null:
      return malformedRow('not UTF-8');
    default:
      return unreachable(problem);
  }
}
