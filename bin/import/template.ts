import { err, ok, type Result } from '../../shared/kernel/result.ts';

/** The number of the data row from 0: `row`, `row + 1` or `row % 5`. */
export interface RowNumber {
  readonly plus: number;
  readonly modulo: number | null;
}

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'row'; readonly number: RowNumber }
  | { readonly kind: 'pick'; readonly number: RowNumber; readonly choices: readonly string[] };

const ROW = /^row(?:\s*\+\s*(\d{1,12})|\s*%\s*([1-9]\d{0,11}))?$/;
/** Meant as arithmetic, whatever is wrong with it: a column of such a name stands in quotes. */
const LIKE_ROW = /^row\s*[-+*/%]/;
const PICK = /^pick\s*\((.*)\)$/s;
const ITEM = /\s*(?:"((?:[^"]|"")*)"|([^,"]*))\s*(,|$)/y;

/**
 * `text {column} {row} {row % 5} {pick(row, a, b)}`; `{{` and `}}` are braces. A name in quotes is always a
 * column: `{"row"}`. The error is a sentence for the user.
 */
export function parseTemplate(template: string): Result<readonly TemplatePart[], string> {
  const parts: TemplatePart[] = [];
  let text = '';
  let index = 0;
  while (index < template.length) {
    const character = template.charAt(index);
    if ((character === '{' || character === '}') && template[index + 1] === character) {
      text += character;
      index += 2;
    } else if (character === '}') {
      return err('a } has no { before it; write }} for the character');
    } else if (character === '{') {
      const end = endOfBraces(template, index);
      if (end === -1) return err('a { is never closed; write {{ for the character');
      const part = parseReference(template.slice(index + 1, end).trim());
      if (!part.ok) return part;
      if (text !== '') parts.push({ kind: 'text', text });
      text = '';
      parts.push(part.value);
      index = end + 1;
    } else {
      text += character;
      index += 1;
    }
  }
  if (text !== '') parts.push({ kind: 'text', text });
  return ok(parts);
}

/** The closing brace that stands outside quotes, -1 without one. */
function endOfBraces(template: string, start: number): number {
  let isQuoted = false;
  for (let index = start + 1; index < template.length; index += 1) {
    if (template[index] === '"') isQuoted = !isQuoted;
    if (template[index] === '}' && !isQuoted) return index;
  }
  return -1;
}

function parseReference(source: string): Result<TemplatePart, string> {
  const quoted = unquote(source);
  if (quoted !== null) return ok({ kind: 'field', name: quoted });
  const number = parseRowNumber(source);
  if (number !== null) return ok({ kind: 'row', number });
  const pick = PICK.exec(source);
  if (pick !== null) return parsePick(pick[1] ?? '');
  if (source === '') return err('{} names nothing');
  if (LIKE_ROW.test(source) || /["(){}]/.test(source))
    return err(`{${source}} is neither a column nor row, row % N or pick(row, …)`);
  return ok({ kind: 'field', name: source });
}

function parseRowNumber(source: string): RowNumber | null {
  const match = ROW.exec(source);
  if (match === null) return null;
  return { plus: Number(match[1] ?? 0), modulo: match[2] === undefined ? null : Number(match[2]) };
}

function parsePick(source: string): Result<TemplatePart, string> {
  const [first = '', ...choices] = splitItems(source) ?? [];
  const number = parseRowNumber(first);
  if (number === null || choices.length === 0) {
    return err(`pick(${source}) must look like pick(row, first, second, …)`);
  }
  if (choices.includes('')) return err(`pick(${source}) has an empty choice`);
  return ok({ kind: 'pick', number, choices });
}

/** Texts between commas, trimmed unless quoted; null where quotes do not fit. */
function splitItems(source: string): readonly string[] | null {
  const items: string[] = [];
  const item = new RegExp(ITEM);
  for (;;) {
    const match = item.exec(source);
    if (match === null) return null;
    items.push(match[1]?.replaceAll('""', '"') ?? (match[2] ?? '').trim());
    if (match[3] === '') return items;
  }
}

/** What stands between double quotes (doubled ones mean one); null for text that is not quoted as a whole. */
export function unquote(text: string): string | null {
  const match = /^"((?:[^"]|"")*)"$/s.exec(text);
  return match === null ? null : (match[1] ?? '').replaceAll('""', '"');
}

export function rowNumberAt(number: RowNumber, row: number): number {
  const value = row + number.plus;
  return number.modulo === null ? value : value % number.modulo;
}
