import { assert, defined } from '../../shared/kernel/assert.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { type CliError, usageError } from '../cli-error.ts';
import { parseTarget, type Target, targetsClash } from './mapping-target.ts';
import type { FileFormat } from './row-source.ts';
import { parseTemplate, type TemplatePart, unquote } from './template.ts';
import type { TimeHint } from './time.ts';

const PROPERTY_HINTS = ['string', 'number', 'boolean'] as const;
const TIME_HINTS = ['epoch_ms', 'epoch_s'] as const satisfies readonly TimeHint[];
const HINT = new RegExp(`^(.*):(${[...PROPERTY_HINTS, ...TIME_HINTS].join('|')})$`, 's');
const REQUIRED = ['id', 'type', 'customer'] as const;
/** A name that is no column may be meant as it is here; elsewhere it is rather a misspelt column. */
const MAY_BE_PLAIN_TEXT: readonly string[] = ['type', 'customer', 'source'];

export type Hint = (typeof PROPERTY_HINTS)[number] | TimeHint;

/** One `--map target=value`, checked. */
export interface Mapping {
  readonly target: Target;
  readonly parts: readonly TemplatePart[];
  readonly hint: Hint | null;
}

interface Columns {
  readonly format: FileFormat;
  readonly names: readonly string[];
}

/** Reads all `--map` options against the columns of the file: whatever is wrong for every row is a usage error. */
export function parseMappings(
  texts: readonly string[],
  columns: Columns,
): Result<readonly Mapping[], CliError> {
  if (texts.length > LIMITS.importMappings) {
    return err(usageError(`--map may be given ${LIMITS.importMappings} times`));
  }
  const mappings: Mapping[] = [];
  for (const text of texts) {
    const mapping = parseMapping(text, columns);
    if (!mapping.ok) return err(usageError(`--map ${text}: ${mapping.error}`, hintAt(columns)));
    const clash = mappings.find(({ target }) => targetsClash(target, mapping.value.target));
    if (clash !== undefined) return err(usageError(`--map ${text}: another --map fills the same place`));
    mappings.push(mapping.value);
  }
  const missing = REQUIRED.filter((name) => !mappings.some(({ target }) => target.field === name));
  if (missing.length > 0) {
    return err(usageError(`--map is missing for ${missing.join(', ')}`, hintAt(columns)));
  }
  return ok(mappings);
}

function hintAt({ format, names }: Columns): string {
  const shown = names.slice(0, 20).join(', ');
  const where = format === 'csv' ? 'the file has the columns' : 'the first line has the fields';
  return `${where}: ${names.length > 20 ? `${shown}, …` : shown}`;
}

function parseMapping(text: string, columns: Columns): Result<Mapping, string> {
  const separator = text.indexOf('=');
  if (separator < 1) return err('must look like target=value');
  const target = parseTarget(text.slice(0, separator).trim());
  if (!target.ok) return target;
  const source = text.slice(separator + 1).trim();
  const { value, hint } = splitHint(source, columns);
  const isForTime = hint === 'epoch_ms' || hint === 'epoch_s';
  if (hint !== null && isForTime !== (target.value.field === 'time')) {
    return err(`:${hint} is only for ${isForTime ? 'time' : 'properties'}`);
  }
  if (hint !== null && target.value.field !== 'time' && target.value.field !== 'properties') {
    return err(`:${hint} is not for ${target.value.field}`);
  }
  const parts = parseValue(value, target.value, columns);
  if (!parts.ok) return parts;
  const wrong = whatIsWrong(target.value, parts.value, columns);
  return wrong === null ? ok({ target: target.value, parts: parts.value, hint }) : err(wrong);
}

function splitHint(source: string, columns: Columns): { value: string; hint: Hint | null } {
  const match = columns.names.includes(source) ? null : HINT.exec(source);
  if (match === null) return { value: source, hint: null };
  return { value: defined(match[1], 'the value before a hint'), hint: match[2] as Hint };
}

/** A column by its bare name, a quoted text, or a template. */
function parseValue(
  value: string,
  target: Target,
  columns: Columns,
): Result<readonly TemplatePart[], string> {
  if (columns.names.includes(value)) return ok([{ kind: 'field', name: value }]);
  const quoted = unquote(value);
  if (quoted !== null) return ok([{ kind: 'text', text: quoted }]);
  const parts = parseTemplate(value);
  if (!parts.ok) return parts;
  if (parts.value.length === 0) return err('the value is empty');
  const isPlain = parts.value.every(({ kind }) => kind === 'text');
  if (!isPlain || MAY_BE_PLAIN_TEXT.includes(target.field)) return parts;
  const unsure = columns.format === 'ndjson' ? `, {${value}} for a field of other lines` : '';
  return err(`there is no column ${value}; write "${value}" in double quotes for this very text${unsure}`);
}

function whatIsWrong(target: Target, parts: readonly TemplatePart[], columns: Columns): string | null {
  for (const part of parts) {
    if (part.kind !== 'field' || columns.format !== 'csv') continue;
    const count = columns.names.filter((name) => name === part.name).length;
    if (count === 0) return `there is no column ${part.name}`;
    if (count > 1) return `${count} columns have the name ${part.name}`;
  }
  if (target.field === 'id' && !parts.some(({ kind }) => kind === 'field' || isRowItself(parts))) {
    return 'every row needs an id of its own: use {row} or a column';
  }
  if (target.field === 'properties' && target.path.length === 0) {
    const [only] = parts;
    assert(only !== undefined, 'a value has parts');
    if (columns.format === 'csv') return 'name one property, such as properties.tokens';
    if (parts.length > 1 || only.kind !== 'field') return 'all properties at once must be one field';
  }
  return null;
}

function isRowItself(parts: readonly TemplatePart[]): boolean {
  return parts.some((part) => part.kind === 'row' && part.number.modulo === null);
}
