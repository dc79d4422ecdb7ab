import { createDemoApi, type DemoApi } from './api-client.ts';
import { CUSTOMERS, type ExpectedInvoice, mixedBatches, readExpected, readPlan, readTrace } from './trace.ts';

const TENANT = 'demo';
const START = '2023-11-01T00:00:00.000Z';
const TRACE_SENT = '2023-11-17T00:00:00.000Z';
/** The period ended a day and a second ago: its grace is over. */
const AFTER_GRACE = '2023-12-02T00:00:01.000Z';
const BATCH = 200;
const METERS = [
  { key: 'requests', eventType: 'llm.request', aggregation: 'count' },
  {
    key: 'input_tokens',
    eventType: 'llm.request',
    aggregation: 'sum',
    value: '$.input_tokens',
    unit: 'token',
  },
  {
    key: 'output_tokens',
    eventType: 'llm.request',
    aggregation: 'sum',
    value: '$.output_tokens',
    unit: 'token',
  },
];

interface DemoInvoice {
  readonly number: string | null;
  readonly customer: string;
  readonly total: string;
  readonly lines: readonly { readonly charge: string; readonly quantity: string; readonly amount: string }[];
}

/**
 * Turns the trace into five invoices through the public API alone and compares them with what an independent program
 * computed. Each step does nothing where an earlier run did it. True when all is equal.
 */
export async function runDemo(input: {
  readonly url: string;
  /** Of an operator. */
  readonly key: string;
  readonly say: (text: string) => void;
}): Promise<boolean> {
  const { url, say } = input;
  const operator = createDemoApi(input);
  say(`a test tenant of its own: ${TENANT}`);
  const api = createDemoApi({ url, key: await setUpTenant(operator) });
  await setUpCatalogue(api);
  say(`clock at ${await advance(api, TRACE_SENT)}`);
  await sendTrace(api, say);
  say(`clock at ${await advance(api, AFTER_GRACE)}: periods closed, grace over`);
  const { data } = (await api.send('GET', '/v1/invoices?status=finalized')) as { data: DemoInvoice[] };
  const expected = await readExpected();
  say(invoiceTable(data));
  const wrong = CUSTOMERS.flatMap((customer) => differences(customer, data, expected[customer]));
  say(wrong.length === 0 ? 'all five equal what an independent program computed' : wrong.join('\n'));
  return wrong.length === 0;
}

async function setUpTenant(operator: DemoApi): Promise<string> {
  const tenant = { key: TENANT, name: 'Demo', mode: 'test' };
  await operator.send('POST', '/v1/tenants', tenant, { alreadyDone: ['tenant.exists'] });
  const me = { name: 'demo', tenant: TENANT, scopes: ['operator'] };
  const made = await operator.send('POST', '/v1/keys', me, { idempotencyKey: 'demo-key' });
  return String(made?.secret);
}

async function setUpCatalogue(api: DemoApi): Promise<void> {
  await api.send('PUT', '/v1/clock', { now: START }, { alreadyDone: ['clock.in_use'] });
  for (const meter of METERS) await api.send('POST', '/v1/meters', meter, { alreadyDone: ['meter.exists'] });
  const plan = await readPlan();
  await api.send('POST', '/v1/plans', plan, { alreadyDone: ['plan.exists'] });
  const publish = `/v1/plans/${String(plan.key)}/versions/1/publish`;
  await api.send('POST', publish, {}, { alreadyDone: ['plan.version_published'] });
  for (const key of CUSTOMERS) {
    const customer = { key, name: key, currency: 'USD' };
    await api.send('POST', '/v1/customers', customer, { alreadyDone: ['customer.exists'] });
    const subscription = { key: `${key}-llm`, customer: key, plan: plan.key, startsAt: START };
    await api.send('POST', '/v1/subscriptions', subscription, { alreadyDone: ['subscription.exists'] });
  }
}

/** Where the clock stands in the end: an earlier run may have moved it further. */
async function advance(api: DemoApi, to: string): Promise<string> {
  for (;;) {
    const clock = await api.send('POST', '/v1/clock/advance', { to }, { alreadyDone: ['clock.backwards'] });
    if (clock === null) return String((await api.send('GET', '/v1/clock'))?.now);
    if (clock.status === 'ready') return String(clock.now);
  }
}

async function sendTrace(api: DemoApi, say: (text: string) => void): Promise<void> {
  const batches = mixedBatches(await readTrace(), BATCH);
  const tenth = Math.ceil(batches.length / 10);
  let sent = 0;
  for (const [index, events] of batches.entries()) {
    for (let open = events; open.length > 0; ) {
      const answer = await api.send('POST', '/v1/events', { events: open });
      const results = answer?.results as { readonly status: string }[];
      if (results.some(({ status }) => status === 'rejected'))
        throw new Error('an event of the trace was rejected');
      open = open.filter((_, at) => results[at]?.status === 'retry');
    }
    sent += events.length;
    if (index % tenth === tenth - 1 || index === batches.length - 1)
      say(`sent ${sent} events, some of them twice`);
  }
}

function invoiceTable(invoices: readonly DemoInvoice[]): string {
  const sorted = [...invoices].sort((a, b) => String(a.number).localeCompare(String(b.number)));
  return sorted
    .flatMap(({ number, customer, total, lines }) => [
      `${number}  ${customer.padEnd(34)}${total.padStart(12)} USD`,
      ...lines.map(
        ({ charge, quantity, amount }) =>
          `    ${charge.padEnd(20)}${quantity.padStart(20)}${amount.padStart(12)}`,
      ),
    ])
    .join('\n');
}

function differences(
  customer: string,
  invoices: readonly DemoInvoice[],
  expected: ExpectedInvoice | undefined,
): readonly string[] {
  const own = invoices.filter((invoice) => invoice.customer === customer);
  const [invoice] = own;
  if (expected === undefined || invoice === undefined || own.length !== 1) {
    return [`${customer}: ${own.length} invoices instead of one`];
  }
  const lines = Object.fromEntries(
    invoice.lines.map(({ charge, quantity, amount }) => [charge, { quantity, amount }]),
  );
  const isEqual = JSON.stringify(sorted(lines)) === JSON.stringify(sorted(expected.lines));
  if (isEqual && invoice.total === expected.total) return [];
  return [`${customer}: ${JSON.stringify(lines)} ${invoice.total}, expected ${JSON.stringify(expected)}`];
}

function sorted(lines: ExpectedInvoice['lines']) {
  return Object.entries(lines)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([charge, { quantity, amount }]) => [charge, quantity, amount]);
}
