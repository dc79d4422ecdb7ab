import type { EvidenceEvent, EvidenceMeter } from '../../domain/invoicing/evidence-records.ts';
import type { InvoiceLine } from '../../domain/invoicing/invoice.ts';
import { standingEvents } from '../../domain/invoicing/standing-events.ts';
import { usageFold } from '../../domain/invoicing/usage-fold.ts';
import type { Charge } from '../../domain/rating/charge.ts';
import { addExact, decimal, decimalText } from '../../kernel/decimal.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { EventPosition, EvidenceRow } from '../../ports/analytics.ts';
import type { MeterRecord } from '../records/meter.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { meterRows } from './read-usage.ts';

/** A line with the digest of its events, and these. */
export interface ProvedLine {
  readonly line: InvoiceLine;
  readonly meter: EvidenceMeter | null;
  readonly events: readonly EvidenceEvent[];
}

/** The events that a usage line counts. Null where they come to another quantity than the line has. */
export async function proveLine(
  deps: Pick<InvoicingDeps, 'analytics'>,
  input: {
    readonly tenant: string;
    readonly customer: string;
    readonly fence: number;
    readonly line: InvoiceLine;
    readonly charge: Charge;
    readonly meter: MeterRecord;
  },
): Promise<ProvedLine | null> {
  const { line, meter, customer } = input;
  const rows = await readRows(deps, input);
  const events = standingEvents(rows, { meter: meter.key, customer });
  const fold = usageFold(meter.definition.aggregation);
  for (const event of events) fold.add(event);
  const { quantity, evidence } = fold.result();
  if (quantity !== countedOf(line)) return null;
  const version = line.meterVersion ?? meter.version;
  const { aggregation } = meter.definition;
  return { line: { ...line, evidence }, meter: { key: meter.key, version, aggregation }, events };
}

/** What the meter counted: an adjustment shows only what that is beyond what was invoiced. */
function countedOf({ quantity, invoiced }: InvoiceLine): string {
  if (invoiced === null) return quantity;
  return decimalText(addExact(decimal(quantity), decimal(invoiced.quantity)));
}

async function readRows(
  { analytics }: Pick<InvoicingDeps, 'analytics'>,
  { tenant, customer, fence, line, charge }: Parameters<typeof proveLine>[1],
): Promise<readonly EvidenceRow[]> {
  const rows: EvidenceRow[] = [];
  const limit = LIMITS.evidencePageRows;
  let after: EventPosition | undefined;
  do {
    const page = await analytics.evidence({
      ...meterRows(tenant, { charge, segment: line.segment }),
      belowFence: fence,
      customer,
      limit,
      ...(after === undefined ? {} : { after }),
    });
    rows.push(...page);
    after = page.length < limit ? undefined : page.at(-1);
  } while (after !== undefined);
  return rows;
}
