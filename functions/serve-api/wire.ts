import { formatInstant } from '../../shared/kernel/time.ts';

export function instantOrNull(instantMs: number | null): string | null {
  return instantMs === null ? null : formatInstant(instantMs);
}

/** Stores of rows write nothing as empty text. */
export function textOrNull(text: string): string | null {
  return text === '' ? null : text;
}
