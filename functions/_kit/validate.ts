import type { z } from 'zod';
import { fieldIssuesError } from '../../shared/app/field-issues.ts';
import { ERROR_CATALOGUE, type ErrorCode, type FieldIssue } from '../../shared/kernel/errors.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** Parses a value that came from outside; unknown fields, missing fields and wrong values have codes of their own. */
export function validate<S extends z.ZodType>(schema: S, value: unknown): Result<z.output<S>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  return err(fieldIssuesError(fieldIssues(parsed.error.issues, value)));
}

/** The issues of zod as ours: one a field, with paths like `events[3].id`. */
function fieldIssues(issues: readonly Issue[], value: unknown): readonly FieldIssue[] {
  return issues.flatMap((issue) => toFieldIssues(issue, [], value));
}

function toFieldIssues(issue: Issue, prefix: Path, root: unknown): readonly FieldIssue[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathText([...path, key]),
      code: 'request.unknown_field',
      message: 'is not a field here',
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branch = closestBranch(issue.errors);
    return branch.flatMap((inner) => toFieldIssues(inner, path, root));
  }
  if (issue.code === 'invalid_key') {
    const messages = issue.issues.map(({ message }) => message).join('; ');
    return [{ path: pathText(path), code: 'request.invalid_field', message: messages }];
  }
  if (path.length > 0 && isAbsent(root, path)) {
    return [{ path: pathText(path), code: 'request.missing_field', message: 'is required' }];
  }
  return [{ path: pathText(path), code: codeOf(issue), message: issue.message }];
}

/** A schema may name a code of ours for what it refuses: `params: { code }` of its issue. */
function codeOf(issue: Issue): ErrorCode {
  const code: unknown = issue.code === 'custom' ? issue.params?.code : undefined;
  return isErrorCode(code) ? code : 'request.invalid_field';
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CATALOGUE, code);
}

/** The branch of a union that the value came closest to: the one whose issues lie deepest. */
function closestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const depth = (branch: readonly Issue[]) => Math.max(0, ...branch.map(({ path }) => path.length));
  return branches.reduce((best, branch) => (depth(branch) > depth(best) ? branch : best));
}

function isAbsent(root: unknown, path: Path): boolean {
  let value: unknown = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return true;
    value = Reflect.get(value, step);
  }
  return value === undefined;
}

/** `events[3].id`: dots between names, brackets around indexes. */
export function pathText(path: Path): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`,
    )
    .join('');
}
