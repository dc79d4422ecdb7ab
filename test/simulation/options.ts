import { parseArgs } from 'node:util';

export interface SimulationOptions {
  readonly seed: number;
  readonly seeds: number;
  readonly events: number;
  /** Prints every step. */
  readonly trace: boolean;
  /** Meters change and lanes are raised, too. */
  readonly whole: boolean;
  /** Ends with the first seed that breaks a promise. */
  readonly bail: boolean;
}

const USAGE = `npm run simulate -- [--seed N] [--seeds K] [--events M] [--whole] [--trace] [--bail]

  --seed N    the first seed (1)
  --seeds K   how many seeds, one after the other (1 where a seed is named, else 12)
  --events M  events that clients send in each (400)
  --whole     meters change and lanes are raised, too
  --trace     print every step: actor, port, method, fault
  --bail      stop at the first seed that breaks a promise
`;

const DEFAULT_SEEDS = 12;
const DEFAULT_EVENTS = 400;
const EVENTS_MAX = 1_000_000;

/** What the command line asks for; a text to print where it asks for nothing that can be done. */
export function readOptions(args: readonly string[]): SimulationOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        seeds: { type: 'string' },
        events: { type: 'string' },
        whole: { type: 'boolean', default: false },
        trace: { type: 'boolean', default: false },
        bail: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return USAGE;
    const seeds = values.seeds ?? (values.seed === undefined ? DEFAULT_SEEDS : 1);
    return {
      seed: positive('seed', values.seed ?? 1),
      seeds: positive('seeds', seeds),
      events: positive('events', values.events ?? DEFAULT_EVENTS),
      whole: values.whole,
      trace: values.trace,
      bail: values.bail,
    };
  } catch (thrown) {
    return `${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${USAGE}`;
  }
}

function positive(name: string, text: string | number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > EVENTS_MAX) {
    throw new Error(`--${name} is a whole number from 1 to ${EVENTS_MAX}`);
  }
  return value;
}
