import { type AppError, appError, type FieldIssue } from '../kernel/errors.ts';

const NAMED_IN_DETAIL = 3;

/** One error for several wrong fields: with their code when all have the same, else `request.invalid`. */
export function fieldIssuesError(issues: readonly FieldIssue[]): AppError {
  const [first] = issues;
  const allAlike = first !== undefined && issues.every(({ code }) => code === first.code);
  const named = issues.slice(0, NAMED_IN_DETAIL).map(({ path, message }) => `${path || 'body'}: ${message}`);
  return appError(allAlike ? first.code : 'request.invalid', named.join('; '), issues);
}
