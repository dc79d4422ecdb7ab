import { readFile } from 'node:fs/promises';

const FIXTURES = new URL('../../test/fixtures/', import.meta.url);
export const CUSTOMERS = ['acme', 'globex', 'initech', 'umbrella', 'hooli'] as const;

interface DemoEvent {
  readonly id: string;
  readonly type: string;
  readonly customer: string;
  readonly time: string;
  readonly properties: { readonly input_tokens: number; readonly output_tokens: number };
}

async function readFixture(name: string): Promise<string> {
  return await readFile(new URL(name, FIXTURES), 'utf8');
}

/** Row i of the trace is the event conv-<i> of customer i mod 5. */
export async function readTrace(): Promise<readonly DemoEvent[]> {
  const [, ...lines] = (await readFixture('AzureLLMInferenceTrace_conv.csv')).trimEnd().split(/\r?\n/);
  return lines.map((line, row) => {
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

export async function readPlan(): Promise<Record<string, unknown>> {
  return JSON.parse(await readFixture('llm-plan.json'));
}

export interface ExpectedInvoice {
  readonly lines: Readonly<Record<string, { readonly quantity: string; readonly amount: string }>>;
  readonly total: string;
}

/** What an independent program computed for the same trace and plan. */
export async function readExpected(): Promise<Readonly<Record<string, ExpectedInvoice>>> {
  return JSON.parse(await readFixture('llm-invoices-expected.json'));
}

/** Batches in an order that is not the trace's, every tenth twice: a step that has no divisor in common visits each once. */
export function mixedBatches<T>(events: readonly T[], size: number): readonly (readonly T[])[] {
  const batches: (readonly T[])[] = [];
  for (let from = 0; from < events.length; from += size) batches.push(events.slice(from, from + size));
  const sent = [...batches, ...batches.filter((_, index) => index % 10 === 0)];
  const step = [37, 41, 43, 47].find((prime) => sent.length % prime !== 0) ?? 1;
  return sent.map((_, index) => sent[(index * step) % sent.length] ?? []);
}
