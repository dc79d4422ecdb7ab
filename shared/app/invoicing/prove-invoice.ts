import type { QuarantinedLine } from '../../domain/invoicing/draft-invoice.ts';
import type { VersionCharges } from '../../domain/invoicing/evidence-reader.ts';
import type { InvoiceLine } from '../../domain/invoicing/invoice.ts';
import { invoiceTotals } from '../../domain/invoicing/invoice-totals.ts';
import { defined } from '../../kernel/assert.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { type ProvedLine, proveLine } from './line-evidence.ts';
import type { RatedClosing } from './rate-closings.ts';
import type { Meters } from './read-usage.ts';

/**
 * The rated closing with the evidence of its lines. Quantities were counted by the store and are counted again from its
 * rows: a line where both differ is quarantined.
 */
export async function proveInvoice(
  deps: Pick<InvoicingDeps, 'analytics'>,
  input: {
    readonly tenant: string;
    readonly fence: number;
    readonly closed: RatedClosing;
    readonly versions: readonly VersionCharges[];
    readonly meters: Meters;
  },
): Promise<{ readonly closed: RatedClosing; readonly lines: readonly ProvedLine[] }> {
  const { closed } = input;
  const { invoice } = closed.drafted;
  if (invoice === null) return { closed, lines: [] };
  const proved: ProvedLine[] = [];
  const wrong: QuarantinedLine[] = [];
  for (const line of invoice.lines) {
    const proof = await prove(deps, input, line);
    if (proof === null) wrong.push(quarantine(line));
    else proved.push(proof);
  }
  const lines = proved.map(({ line }) => line);
  const totals = invoiceTotals(lines, invoice.terms.currency);
  const drafted = {
    invoice: lines.length === 0 ? null : { ...invoice, lines, totals },
    quarantined: [...closed.drafted.quarantined, ...wrong],
  };
  return { closed: { ...closed, drafted }, lines: proved };
}

async function prove(
  deps: Pick<InvoicingDeps, 'analytics'>,
  { tenant, fence, closed, versions, meters }: Parameters<typeof proveInvoice>[1],
  line: InvoiceLine,
): Promise<ProvedLine | null> {
  if (line.meterVersion === null) return { line, meter: null, events: [] };
  const version = versions.find((candidate) => candidate.version === line.segment.version);
  const charge = defined(
    version?.charges.find(({ key }) => key === line.charge),
    `charge ${line.charge}`,
  );
  const meter = defined(meters.get(charge.meter ?? ''), `the meter of ${line.charge}`);
  const { customer } = closed.plan.terms;
  return await proveLine(deps, { tenant, customer, fence, line, charge, meter });
}

function quarantine({ charge, kind, segment }: InvoiceLine): QuarantinedLine {
  const { version: planVersion, startMs, endMs } = segment;
  const reason = 'its events come to another quantity than the meter counted';
  return { charge, kind, planVersion, period: { startMs, endMs }, code: 'invoice.line_not_proved', reason };
}
