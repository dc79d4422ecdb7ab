import { formatInstant, isInstant, parseInstant } from '../../shared/kernel/time.ts';

export type TimeHint = 'epoch_ms' | 'epoch_s';

const DATE_TIME = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)(Z|z|[+-]\d\d:\d\d)?$/;
const EPOCH = /^(\d{1,15})(?:\.(\d+))?$/;

/**
 * The instant as the API shows it, digits beyond milliseconds cut; null for what is no time. Takes RFC 3339, the
 * same with a space for the T, and without an offset, which then is UTC; with a hint numbers since 1970.
 */
export function eventTime(text: string, hint: TimeHint | null): string | null {
  if (hint !== null) return fromEpoch(text, hint);
  const match = DATE_TIME.exec(text);
  if (match === null) return null;
  const [, date = '', timeOfDay = '', offset = 'Z'] = match;
  const [clock = '', fraction = '0'] = timeOfDay.split('.');
  const instant = parseInstant(`${date}T${clock}.${fraction.slice(0, 3)}${offset}`);
  return instant.ok ? formatInstant(instant.value) : null;
}

/** By digits: a product of floats could end a millisecond earlier. */
function fromEpoch(text: string, hint: TimeHint): string | null {
  const match = EPOCH.exec(text);
  if (match === null) return null;
  const [, whole = '', fraction = ''] = match;
  const epochMs =
    hint === 'epoch_ms' ? Number(whole) : Number(`${whole}${fraction.slice(0, 3).padEnd(3, '0')}`);
  return isInstant(epochMs) ? formatInstant(epochMs) : null;
}
