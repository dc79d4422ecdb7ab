import { readFileSync } from 'node:fs';
import path from 'node:path';

const FILE = path.join(import.meta.dirname, '..', 'fixtures', 'AzureLLMInferenceTrace_conv.csv');
export const CUSTOMERS = ['acme', 'globex', 'initech', 'umbrella', 'hooli'] as const;

/** Where a test clock stands while the trace is sent: within the acceptance of its times. */
export const TRACE_NOW = '2023-11-17T00:00:00.000Z';

export interface TraceEvent {
  readonly id: string;
  readonly type: string;
  readonly customer: string;
  readonly time: string;
  readonly properties: { readonly input_tokens: number; readonly output_tokens: number };
}

/** The rows of the trace as events: row i belongs to customer i mod 5 and is called conv-<i>. */
export function readTrace(rowsMax = Number.POSITIVE_INFINITY): readonly TraceEvent[] {
  const [, ...lines] = readFileSync(FILE, 'utf8').trimEnd().split(/\r?\n/);
  return lines.slice(0, rowsMax).map((line, row) => {
    const [timestamp = '', input, output] = line.split(',');
    return {
      id: `conv-${row}`,
      type: 'llm.request',
      customer: CUSTOMERS[row % CUSTOMERS.length] ?? '',
      time: `${timestamp.slice(0, 23).replace(' ', 'T')}Z`,
      properties: { input_tokens: Number(input), output_tokens: Number(output) },
    };
  });
}

export type Totals = Readonly<Record<'requests' | 'input_tokens' | 'output_tokens', string>>;

/** What each customer used, added up here and not by the product. */
export function foldTrace(events: readonly TraceEvent[]): Readonly<Record<string, Totals>> {
  const totals = CUSTOMERS.map((customer) => {
    const own = events.filter((event) => event.customer === customer);
    const sum = (name: keyof TraceEvent['properties']) =>
      String(own.reduce((total, event) => total + event.properties[name], 0));
    const entry: Totals = {
      requests: String(own.length),
      input_tokens: sum('input_tokens'),
      output_tokens: sum('output_tokens'),
    };
    return [customer, entry] as const;
  });
  return Object.fromEntries(totals);
}

export const METERS = [
  { key: 'requests', eventType: 'llm.request', aggregation: 'count' },
  { key: 'input_tokens', eventType: 'llm.request', aggregation: 'sum', value: '$.input_tokens' },
  { key: 'output_tokens', eventType: 'llm.request', aggregation: 'sum', value: '$.output_tokens' },
] as const;

/** Numbers in [0, 1) that a seed decides (mulberry32): a failure can be run again. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The events in batches, every tenth batch twice, in an order that the seed decides. */
export function shuffledBatches(
  events: readonly TraceEvent[],
  input: { readonly size: number; readonly random: () => number },
): readonly (readonly TraceEvent[])[] {
  const batches: (readonly TraceEvent[])[] = [];
  for (let from = 0; from < events.length; from += input.size)
    batches.push(events.slice(from, from + input.size));
  const sent = [...batches, ...batches.filter((_, index) => index % 10 === 0)];
  for (let last = sent.length - 1; last > 0; last -= 1) {
    const other = Math.floor(input.random() * (last + 1));
    [sent[last], sent[other]] = [sent[other] ?? [], sent[last] ?? []];
  }
  return sent;
}
