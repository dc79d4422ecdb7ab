import { type ApiEvent, header } from './request.ts';

/** Whether `Accept` names CSV and gives it no less weight than JSON. */
export function prefersCsv(event: ApiEvent): boolean {
  const accept = header(event, 'accept') ?? '*/*';
  const weights = new Map(accept.split(',').map(toWeight));
  const csv = weights.get('text/csv') ?? 0;
  return csv > 0 && csv >= (weights.get('application/json') ?? 0);
}

function toWeight(part: string): [string, number] {
  const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  const weight = quality === undefined ? 1 : Number(quality.slice(2));
  return [type, Number.isFinite(weight) ? weight : 0];
}

/** RFC 4180; null is an empty field, empty text a quoted one. */
export function toCsv(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(toField).join(',')}\r\n`).join('');
}

/** Text that a spreadsheet would run as a formula is marked as text. */
const FORMULA = /^[=+@\t\r]|^-(?![0-9.])/;

function toField(value: string | null): string {
  if (value === null) return '';
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return safe === '' || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
