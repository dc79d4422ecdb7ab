import type { Period } from '../../kernel/period.ts';
import { type Charge, kindOf, timingOf } from '../rating/charge.ts';
import type { Segment } from '../subscriptions/segments.ts';
import type {
  BillingTerms,
  Closing,
  Invoice,
  Invoiced,
  InvoiceLine,
  InvoiceLineKind,
  Usage,
} from './invoice.ts';
import { invoiceId } from './invoice-ids.ts';
import { invoiceTotals, type TotalChanges } from './invoice-totals.ts';
import { type LineBasis, rateLine } from './rate-line.ts';

/** A segment of a period with all charges of the plan version that holds in it. */
export interface ChargedSegment {
  readonly segment: Segment;
  readonly charges: readonly Charge[];
}

/** What a meter counted for a charge (key) in the segment that starts at `startMs`. */
export interface SegmentUsage {
  readonly charge: string;
  readonly startMs: number;
  readonly usage: Usage;
}

/** A charge and segment that was due before: of an earlier period, or in advance of the period that ended. */
export interface EarlierCharge {
  readonly charge: Charge;
  /** As it is known now. */
  readonly segment: Segment;
  /** All that is known by now; null for a recurring charge. */
  readonly usage: Usage | null;
  /** By all invoices so far, also where that is nothing. */
  readonly invoiced: Invoiced;
}

/** A line that could not be made, for somebody to look at: its charge is not on the invoice, nor counted as zero. */
export interface QuarantinedLine {
  readonly charge: string;
  readonly kind: InvoiceLineKind;
  readonly planVersion: number;
  readonly period: Period;
  /**
   * `not_rated`: there is no such amount. `not_proved`: its events do not come to its quantity. `duplicated`: some of them were
   * counted more than once.
   */
  readonly code: 'invoice.line_not_rated' | 'invoice.line_not_proved' | 'invoice.line_duplicated';
  readonly reason: string;
}

/** A charge (key) in the segment that starts at `startMs`, whose events are known to be counted more than once. */
export interface DuplicatedUsage {
  readonly charge: string;
  readonly startMs: number;
  readonly reason: string;
}

export interface DraftInvoiceInput {
  readonly terms: BillingTerms;
  readonly closing: Closing;
  /** Segments of the period that ended: their charges in arrears are billed. */
  readonly ended: readonly ChargedSegment[];
  /** Segments of the period that begins: their charges in advance are billed. None when the subscription ends. */
  readonly beginning: readonly ChargedSegment[];
  /** For every usage charge of `ended`. */
  readonly usage: readonly SegmentUsage[];
  readonly earlier: readonly EarlierCharge[];
  readonly duplicated?: readonly DuplicatedUsage[];
  readonly changes?: TotalChanges;
}

export interface DraftedInvoice {
  /** Null: there is nothing to bill. */
  readonly invoice: Invoice | null;
  readonly quarantined: readonly QuarantinedLine[];
}

/**
 * The invoice of a closing instant. Lines: charges in arrears of the ended period, then charges in advance of the next
 * one (by segment, in the order of their version; also at zero), then adjustments (by segment, version and charge; only
 * where amount or quantity differ from what was invoiced). The same input, in whatever order, gives the same invoice.
 */
export function draftInvoice(input: DraftInvoiceInput): DraftedInvoice {
  const { terms, closing } = input;
  const id = invoiceId(terms, closing);
  const lines: InvoiceLine[] = [];
  const quarantined: QuarantinedLine[] = [];
  const duplicated = new Map(
    (input.duplicated ?? []).map(({ charge, startMs, reason }) => [usageKey(charge, startMs), reason]),
  );
  for (const basis of [...dueBases(input), ...earlierBases(input)]) {
    const reason = duplicated.get(usageKey(basis.charge.key, basis.segment.startMs));
    const line = reason === undefined ? attempt(() => rateLine(id, terms, basis)) : reason;
    if (typeof line === 'string') {
      const code = reason === undefined ? 'invoice.line_not_rated' : 'invoice.line_duplicated';
      quarantined.push(quarantine(basis, code, line));
    } else if (line.kind !== 'adjustment' || changesSomething(line)) lines.push(line);
  }
  if (lines.length === 0) return { invoice: null, quarantined };
  const totals = invoiceTotals(lines, terms.currency, input.changes);
  return { invoice: { id, terms, closing, lines, totals }, quarantined };
}

function dueBases({ ended, beginning, usage }: DraftInvoiceInput): readonly LineBasis[] {
  const usageOf = new Map(usage.map((found) => [usageKey(found.charge, found.startMs), found.usage]));
  const due = (segments: readonly ChargedSegment[], timing: 'advance' | 'arrears') =>
    segments
      .toSorted((left, right) => left.segment.startMs - right.segment.startMs)
      .flatMap(({ segment, charges }) =>
        charges
          .filter((charge) => timingOf(charge) === timing)
          .map((charge) => ({
            charge,
            segment,
            usage: usageOf.get(usageKey(charge.key, segment.startMs)) ?? null,
            invoiced: null,
          })),
      );
  return [...due(ended, 'arrears'), ...due(beginning, 'advance')];
}

function usageKey(charge: string, startMs: number): string {
  return `${startMs}#${charge}`;
}

function earlierBases({ earlier }: DraftInvoiceInput): readonly LineBasis[] {
  return earlier.toSorted(
    (left, right) =>
      left.segment.startMs - right.segment.startMs ||
      left.segment.version - right.segment.version ||
      (left.charge.key < right.charge.key ? -1 : Number(left.charge.key > right.charge.key)),
  );
}

function changesSomething({ amount, quantity }: InvoiceLine): boolean {
  return amount.minor !== 0n || quantity !== '0';
}

/** One charge that cannot be rated must not hold back the others. What it threw is the reason that is shown. */
function attempt<T>(make: () => T): T | string {
  try {
    return make();
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

function quarantine(
  { charge, segment, invoiced }: LineBasis,
  code: QuarantinedLine['code'],
  reason: string,
): QuarantinedLine {
  const { version, startMs, endMs } = segment;
  return {
    charge: charge.key,
    kind: invoiced === null ? kindOf(charge) : 'adjustment',
    planVersion: version,
    period: { startMs, endMs },
    code,
    reason,
  };
}
