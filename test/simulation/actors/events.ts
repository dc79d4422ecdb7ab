import type { JsonObject, JsonValue } from '../../../shared/kernel/canonical-json.ts';
import type { SentEvent } from '../auditor/ledger.ts';
import type { Random } from '../random.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;
const REGIONS = ['eu', 'us', 'ap'] as const;

export interface EventMaker {
  /** An event that was never sent. `nowMs` is the present of its tenant. */
  fresh(nowMs: number): SentEvent;
  /** Another event under the identity of one that was sent. */
  conflicting(sent: SentEvent, nowMs: number): SentEvent;
}

/** Events as clients send them: most are right, some are wrong for a meter, late, or of nobody that is known. */
export function createEventMaker(input: {
  readonly random: Random;
  readonly client: string;
  /** Names that events may have as their customer, at this moment. */
  readonly customers: () => readonly string[];
  /** Types beyond the usual ones, for meters that come and go. */
  readonly types: () => readonly string[];
}): EventMaker {
  const { random, client } = input;
  let made = 0;
  const content = (nowMs: number): Omit<SentEvent, 'id' | 'source'> => {
    const type = random.pick(['call', 'call', 'call', 'job', 'visit', ...input.types()]);
    const time = random.chance(0.15) ? {} : { time: new Date(timeMs(random, nowMs)).toISOString() };
    return { type, customer: random.pick(input.customers()), ...time, properties: properties(random, type) };
  };
  return {
    fresh: (nowMs) => {
      made += 1;
      // Tenants use the same ids: whatever mixes tenants up mixes up events.
      const id = random.chance(0.5) ? `${client}-${made}` : timedId(random, nowMs, `${client}${made}`);
      const source = random.chance(0.2) ? { source: 'other' } : {};
      return { id, ...source, ...content(nowMs) };
    },
    conflicting: ({ id, source, ...sent }, nowMs) => {
      const identity = { id, ...(source === undefined ? {} : { source }) };
      if (random.chance(0.3)) return { ...identity, ...sent, customer: random.pick(input.customers()) };
      return { ...identity, ...content(nowMs) };
    },
  };
}

/** A UUIDv7 whose time is about now, as producers make them; the same in every run. */
function timedId(random: Random, nowMs: number, name: string): string {
  const time = (nowMs - random.int(0, HOUR_MS)).toString(16).padStart(12, '0');
  const tail = [...Buffer.from(name.padEnd(6, '0').slice(-6))].map((byte) =>
    byte.toString(16).padStart(2, '0'),
  );
  const middle = random.int(0, 0xfff).toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${middle}-8${random.int(0, 0xfff).toString(16).padStart(3, '0')}-${tail.join('')}`;
}

/** Mostly of the last minutes, often at the edge of a minute, an hour or a day; at most three weeks late. */
function timeMs(random: Random, nowMs: number): number {
  const ago = random.pick([10 * MINUTE_MS, 10 * MINUTE_MS, 3 * HOUR_MS, DAY_MS, 3 * DAY_MS, 21 * DAY_MS]);
  const at = nowMs - random.int(0, ago);
  const edge = random.pick([null, null, MINUTE_MS, HOUR_MS, DAY_MS]);
  if (edge === null) return at;
  return Math.floor(at / edge) * edge - random.pick([0, 0, 1]);
}

function properties(random: Random, type: string): JsonObject {
  const region = random.chance(0.8) ? { region: random.pick(REGIONS) } : {};
  const bad = random.chance(0.06) ? random.pick(['missing', 'text', 'digits', 'negative'] as const) : null;
  if (type === 'visit') {
    const user = bad === 'missing' ? {} : { user: bad === 'text' ? '' : `u-${random.int(1, 9)}` };
    return { ...region, ...user, ...measured(random, 'level', null) };
  }
  if (type === 'job') return { ...region, ...measured(random, 'load', bad) };
  const kind = bad === 'missing' && random.chance(0.5) ? {} : { kind: random.pick(['big', 'small']) };
  return { ...region, ...kind, ...measured(random, 'amount', bad), ...measured(random, 'size', null) };
}

function measured(
  random: Random,
  name: string,
  bad: 'missing' | 'text' | 'digits' | 'negative' | null,
): Readonly<Record<string, JsonValue>> {
  const thousandths = random.int(0, 90_000);
  const value = thousandths / 1_000;
  switch (bad) {
    case 'missing':
      return {};
    case 'text':
      return { [name]: 'much' };
    case 'digits':
      return { [name]: '12345678901234567' };
    case 'negative':
      return { [name]: -(thousandths + 1) / 1_000 };
    case null:
      return { [name]: random.chance(0.3) ? String(value) : value };
  }
}
