import type { EvidenceMeter } from '../../domain/invoicing/evidence-records.ts';
import type { InvoiceLine } from '../../domain/invoicing/invoice.ts';
import { standingEvents } from '../../domain/invoicing/standing-events.ts';
import { usageFold } from '../../domain/invoicing/usage-fold.ts';
import type { Charge } from '../../domain/rating/charge.ts';
import { addExact, decimal, decimalText } from '../../kernel/decimal.ts';
import type { EvidenceRow } from '../../ports/analytics.ts';
import type { MeterRecord } from '../records/meter.ts';
import { readEvidenceRows } from './evidence-rows.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { needKey } from './line-questions.ts';

/** A line of an invoice that counts events. */
export interface UsageLine {
  readonly customer: string;
  readonly line: InvoiceLine;
  readonly charge: Charge;
  readonly meter: MeterRecord;
}

/** A line with the digest of its events, and their records. */
export interface ProvedLine {
  readonly line: InvoiceLine;
  readonly meter: EvidenceMeter | null;
  readonly records: string;
  readonly events: number;
}

/**
 * What usage lines count, event by event, in their order. Null where that comes to another quantity than the line has. The rows
 * of all of them are in memory.
 */
export async function proveLines(
  deps: Pick<InvoicingDeps, 'analytics'>,
  input: { readonly tenant: string; readonly fence: number; readonly lines: readonly UsageLine[] },
): Promise<readonly (ProvedLine | null)[]> {
  const { tenant, fence, lines } = input;
  const needs = lines.map(({ customer, line, charge }) => ({ customer, charge, segment: line.segment }));
  const rows = await readEvidenceRows(deps, { tenant, fence, needs });
  return lines.map((line, index) => {
    const need = needs[index];
    return proveLine(line, (need === undefined ? undefined : rows.get(needKey(need))) ?? []);
  });
}

function proveLine({ customer, line, meter }: UsageLine, rows: readonly EvidenceRow[]): ProvedLine | null {
  const { key, definition } = meter;
  const fold = usageFold(definition.aggregation);
  let records = '';
  for (const event of standingEvents(rows, { meter: key, customer })) records += fold.add(event);
  const { quantity, evidence } = fold.result();
  if (quantity !== countedOf(line)) return null;
  const version = line.meterVersion ?? meter.version;
  return {
    line: { ...line, evidence },
    // In the order of canonical JSON, which makes its text fast.
    meter: { aggregation: definition.aggregation, key, version },
    records,
    events: evidence.events,
  };
}

/** What the meter counted: an adjustment shows only what that is beyond what was invoiced. */
function countedOf({ quantity, invoiced }: InvoiceLine): string {
  if (invoiced === null) return quantity;
  return decimalText(addExact(decimal(quantity), decimal(invoiced.quantity)));
}
