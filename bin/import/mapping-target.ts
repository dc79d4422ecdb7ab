import { LIMITS } from '../../shared/kernel/limits.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { unquote } from './template.ts';

const FIELDS = ['id', 'type', 'customer', 'time', 'source', 'properties'] as const;
type EventField = (typeof FIELDS)[number];
const STEP = /(?:"((?:[^"]|"")+)"|([^."]+))(\.|$)/y;

/** A place in the event. */
export interface Target {
  readonly field: EventField;
  /** Names below `properties`; empty means all of them, and for every other field. */
  readonly path: readonly string[];
  /** As errors name it. */
  readonly text: string;
}

/** `id`, `properties.tokens`, `properties.usage.input`, `properties."a.b"`. The error is a sentence for the user. */
export function parseTarget(text: string): Result<Target, string> {
  const [field, rest] = splitField(text);
  if (field === undefined) return err(`there is no field ${text} in an event: use ${FIELDS.join(', ')}`);
  if (rest === null) return ok({ field, path: [], text });
  if (field !== 'properties') return err(`${field} has no parts`);
  const path: string[] = [];
  const step = new RegExp(STEP);
  for (;;) {
    const match = step.exec(rest);
    if (match === null) return err(`${text} is no path: quote names with dots, as in properties."a.b"`);
    path.push(match[1] === undefined ? (match[2] ?? '') : (unquote(`"${match[1]}"`) ?? ''));
    if (path.length > LIMITS.propertyDepth) return err(`${text} is too deep`);
    if (match[3] === '') return ok({ field, path, text });
  }
}

function splitField(text: string): [EventField | undefined, string | null] {
  const dot = text.indexOf('.');
  const name = dot === -1 ? text : text.slice(0, dot);
  return [FIELDS.find((field) => field === name), dot === -1 ? null : text.slice(dot + 1)];
}

/** Whether both would write to one place, or one into the other. */
export function targetsClash(left: Target, right: Target): boolean {
  if (left.field !== right.field) return false;
  const shared = Math.min(left.path.length, right.path.length);
  return left.path.slice(0, shared).every((name, index) => name === right.path[index]);
}
