import type { QuarantinedLine } from '../../domain/invoicing/draft-invoice.ts';
import type { VersionCharges } from '../../domain/invoicing/evidence-reader.ts';
import type { InvoiceLine } from '../../domain/invoicing/invoice.ts';
import { invoiceTotals } from '../../domain/invoicing/invoice-totals.ts';
import { defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { type ProvedLine, proveLines, type UsageLine } from './line-evidence.ts';
import type { RatedClosing, RatedClosings } from './rate-closings.ts';

export interface ProvedClosing {
  readonly closed: RatedClosing;
  readonly lines: readonly ProvedLine[];
}

/** Something that counts events, and how many. */
interface Sized {
  readonly events: number;
}

/**
 * Rated closings with the evidence of their lines, in groups whose events fit into memory together. Quantities were counted by
 * the store and are counted again from its rows: a line where both differ is quarantined.
 */
export async function* proveInvoices(
  deps: Pick<InvoicingDeps, 'analytics'>,
  input: RatedClosings & {
    readonly tenant: string;
    readonly fence: number;
    /** The versions of a plan. */
    readonly versionsOf: (plan: string) => readonly VersionCharges[];
  },
): AsyncGenerator<readonly ProvedClosing[]> {
  const sized = input.rated.map((closed) => {
    const lines = usageLines(input, closed);
    return { closed, lines, events: lines.reduce((sum, { events }) => sum + events, 0) };
  });
  for (const group of inGroups(sized)) {
    const proofs = new Map<InvoiceLine, ProvedLine | null>();
    for (const lines of inGroups(group.flatMap((closing) => closing.lines))) {
      const proved = await proveLines(deps, { ...input, lines });
      for (const [index, { line }] of lines.entries()) proofs.set(line, proved[index] ?? null);
    }
    yield group.map(({ closed }) => withProofs(closed, proofs));
  }
}

/** Each group has at most so many events as one page of evidence has rows, or one member alone that has more. */
function* inGroups<T extends Sized>(members: readonly T[]): Generator<readonly T[]> {
  let group: T[] = [];
  let events = 0;
  for (const member of members) {
    if (group.length > 0 && events + member.events > LIMITS.evidencePageRows) {
      yield group;
      group = [];
      events = 0;
    }
    group.push(member);
    events += member.events;
  }
  if (group.length > 0) yield group;
}

function usageLines(
  { versionsOf, meters, eventsOf }: Parameters<typeof proveInvoices>[1],
  { plan, drafted }: RatedClosing,
): readonly (UsageLine & Sized)[] {
  const { customer } = plan.terms;
  const versions = new Map(versionsOf(plan.plan).map(({ version, charges }) => [version, charges]));
  return (drafted.invoice?.lines ?? []).flatMap((line) => {
    if (line.meterVersion === null) return [];
    const charges = versions.get(line.segment.version);
    const charge = defined(
      charges?.find(({ key }) => key === line.charge),
      `charge ${line.charge}`,
    );
    const meter = defined(meters.get(charge.meter ?? ''), `the meter of ${line.charge}`);
    const events = eventsOf({ customer, charge, segment: line.segment });
    return [{ customer, line, charge, meter, events }];
  });
}

function withProofs(
  closed: RatedClosing,
  proofs: ReadonlyMap<InvoiceLine, ProvedLine | null>,
): ProvedClosing {
  const { invoice } = closed.drafted;
  if (invoice === null) return { closed, lines: [] };
  const proved: ProvedLine[] = [];
  const wrong: QuarantinedLine[] = [];
  for (const line of invoice.lines) {
    const hasNoEvents = { line, meter: null, records: '', events: 0 };
    const proof = line.meterVersion === null ? hasNoEvents : (proofs.get(line) ?? null);
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

function quarantine({ charge, kind, segment }: InvoiceLine): QuarantinedLine {
  const { version: planVersion, startMs, endMs } = segment;
  const reason = 'its events come to another quantity than the meter counted';
  return { charge, kind, planVersion, period: { startMs, endMs }, code: 'invoice.line_not_proved', reason };
}
