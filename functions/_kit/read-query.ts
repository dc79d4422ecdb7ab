import type { z } from 'zod';
import { appError, type FieldIssue } from '../../shared/kernel/errors.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { validate } from './validate.ts';

const NESTED = /^(?<name>[A-Za-z]+)\[(?<member>[^[\]]+)\]$/;
type Values = string | string[];

/**
 * A query string as the contract names it: a parameter given once is text, given several times a list, and
 * `filter[region]=eu` is `{filter: {region: 'eu'}}`.
 */
export function readQuery<S extends z.ZodType>(rawQueryString: string, schema: S): Result<z.output<S>> {
  const decoded = decodeQuery(rawQueryString);
  return decoded.ok ? validate(schema, decoded.value) : decoded;
}

function decodeQuery(rawQueryString: string): Result<Record<string, unknown>> {
  // Maps, not objects: parameter names come from outside and may be those of prototypes.
  const plain = new Map<string, Values>();
  const nested = new Map<string, Map<string, Values>>();
  const issues: FieldIssue[] = [];
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const { name: group, member } = NESTED.exec(name)?.groups ?? {};
    if (group !== undefined && member !== undefined) {
      const members = nested.get(group) ?? new Map<string, Values>();
      nested.set(group, members);
      add(members, member, value);
    } else {
      add(plain, name, value);
    }
  }
  for (const [group, members] of nested) {
    if (plain.has(group)) {
      issues.push({
        path: group,
        code: 'request.invalid_field',
        message: 'is given both plain and with brackets',
      });
    }
    plain.delete(group);
    members.delete('__proto__');
  }
  if (issues.length > 0) return err(appError('request.invalid_field', undefined, issues));
  const groups = [...nested].map(([group, members]) => [group, Object.fromEntries(members)] as const);
  return ok(Object.fromEntries<unknown>([...plain, ...groups]));
}

function add(values: Map<string, Values>, name: string, value: string): void {
  const before = values.get(name);
  if (before === undefined) values.set(name, value);
  else values.set(name, [...(Array.isArray(before) ? before : [before]), value]);
}
