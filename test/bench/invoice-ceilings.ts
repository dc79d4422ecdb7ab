import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { evidenceFile } from '../../shared/app/invoicing/evidence-file.ts';
import type { ProvedLine } from '../../shared/app/invoicing/line-evidence.ts';
import { queryAll } from '../../shared/app/query-all.ts';
import { invoicesPartition } from '../../shared/app/records/invoice.ts';
import { type DraftedInvoice, draftInvoice } from '../../shared/domain/invoicing/draft-invoice.ts';
import type { EvidenceEvent } from '../../shared/domain/invoicing/evidence-records.ts';
import { usageFold } from '../../shared/domain/invoicing/usage-fold.ts';
import { assert, defined } from '../../shared/kernel/assert.ts';
import { timed } from './benchmark.ts';
import type { BillingProcess } from './billing-process.ts';
import {
  CHARGES,
  customerKey,
  expectedLines,
  type Load,
  lineEvents,
  METERS,
  PERIOD_END_MS,
  START_MS,
  subscriptionKey,
} from './invoice-load.ts';

/** What a draft and a final invoice write beside the invoice itself, about 300 bytes each. */
const SMALL_ITEMS = { draft: 4, final: 4 } as const;
const SMALL_BYTES = 300;
const PERIOD = { startMs: START_MS, endMs: PERIOD_END_MS };
const SEGMENT = { version: 1, ...PERIOD, full: PERIOD };

/**
 * The same items in a database with the same durability: two transactions an invoice, each with a commit of its own, and nothing
 * read, rated or proved.
 */
export async function commitsAlone({ folder, stores }: BillingProcess, load: Load): Promise<number> {
  const items = await queryAll(stores.items, { table: 'main', pk: invoicesPartition(load.tenant) });
  const db = new DatabaseSync(path.join(folder, 'ceiling.sqlite'));
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; DROP TABLE IF EXISTS items;
    CREATE TABLE items (pk TEXT, sk TEXT, attributes TEXT, PRIMARY KEY (pk, sk)) WITHOUT ROWID, STRICT`);
  const put = db.prepare('INSERT OR REPLACE INTO items VALUES (?, ?, ?)');
  const small = 'x'.repeat(SMALL_BYTES);
  const tookMs = await timed(() => {
    for (const kind of ['draft', 'final'] as const) {
      for (const item of items) {
        db.exec('BEGIN IMMEDIATE');
        put.run('invoices', item.sk, JSON.stringify(item));
        for (let index = 0; index < SMALL_ITEMS[kind]; index += 1) put.run(`${kind}${index}`, item.sk, small);
        db.exec('COMMIT');
      }
    }
  });
  db.close();
  return tookMs;
}

/** All lines rated as when they are drafted, from quantities that are known: no store, no text. */
export function ratingAlone(load: Load): Promise<number> {
  return timed(() => {
    for (let customer = 0; customer < load.customers; customer += 1) rate(customer, load);
  });
}

function rate(customer: number, load: Load): DraftedInvoice {
  const expected = expectedLines(customer, load);
  const key = customerKey(customer);
  const evidence = { sha256: '', events: load.eventsPerLine };
  return draftInvoice({
    terms: {
      tenant: load.tenant,
      subscription: subscriptionKey(key),
      customer: key,
      currency: 'USD',
      planCurrency: 'USD',
      timeZone: 'UTC',
      quantity: '1',
    },
    closing: { kind: 'period_end', period: PERIOD, revision: 0 },
    ended: [{ segment: SEGMENT, charges: CHARGES }],
    beginning: [],
    usage: expected.map(({ charge, quantity }) => {
      return { charge, startMs: START_MS, usage: { quantity, unit: null, meterVersion: 1, evidence } };
    }),
    earlier: [],
  });
}

/** The evidence of all invoices made from events that are in memory: counted again, hashed, written as text. */
export async function proofAlone(load: Load): Promise<number> {
  const made = Array.from({ length: load.customers }, (_, customer) => {
    const invoice = defined(rate(customer, load).invoice, 'an invoice');
    return { invoice, events: CHARGES.map((_charge, line) => lineEvents(customer, line, load)) };
  });
  const head = {
    number: null,
    issuedAtMs: 0,
    dueAtMs: 0,
    finalizedAtMs: 0,
    status: 'finalized',
    fence: 1,
  } as const;
  const versions = [{ version: 1, charges: CHARGES }];
  return await timed(() => {
    for (const { invoice, events } of made) {
      const proved = invoice.lines.map((line, index) => prove(line, events[index] ?? []));
      const { text } = evidenceFile({ invoice, head, proved, versions });
      assert(text.length > 0, 'evidence is text');
    }
  });
}

function prove(line: ProvedLine['line'], events: readonly EvidenceEvent[]): ProvedLine {
  const fold = usageFold('sum');
  let records = '';
  for (const event of events) records += fold.add(event);
  const { evidence } = fold.result();
  const key = METERS.find((meter) => line.charge.startsWith(meter.key))?.key ?? '';
  const meter = { aggregation: 'sum', key, version: 1 } as const;
  return { line: { ...line, evidence }, meter, records, events: evidence.events };
}
