import { canonicalJson, type JsonValue } from '../../kernel/canonical-json.ts';
import { compareUtf8 } from '../metering/group-order.ts';
import type { Aggregation } from '../metering/usage-read.ts';
import type { Charge } from '../rating/charge.ts';
import type { BillingTerms } from './invoice.ts';
import type { InvoiceJson, PeriodJson } from './invoice-json.ts';

/**
 * The records of an evidence file, format 1: NDJSON, each line canonical JSON (RFC 8785), in this order: one `evidence`,
 * the plan versions, then each line of the invoice with its events, and one `end`. A format is never changed; another
 * one has another number.
 */
export type EvidenceRecord = EvidenceHeader | EvidenceVersion | EvidenceLine | EvidenceEvent | EvidenceEnd;

export const EVIDENCE_FORMAT = 1;

/** What of an invoice its lines do not say. */
export interface EvidenceHeader {
  readonly kind: 'evidence';
  readonly v: typeof EVIDENCE_FORMAT;
  readonly invoice: Pick<InvoiceJson, 'id' | 'number' | 'issuedAt' | 'dueAt' | 'finalizedAt' | 'fence'>;
  readonly terms: BillingTerms;
  readonly closing: {
    readonly kind: 'period_start' | 'period_end';
    readonly period: PeriodJson;
    readonly revision: number;
  };
}

/** A plan version that priced a line, with all its charges as they were published. */
export interface EvidenceVersion {
  readonly kind: 'version';
  readonly version: number;
  readonly charges: readonly Charge[];
}

/** A line of the invoice; its events follow. */
export interface EvidenceLine {
  readonly kind: 'line';
  readonly line: string;
  readonly charge: string;
  readonly planVersion: number;
  readonly period: PeriodJson;
  /** The whole period that fixed amounts are prorated by. */
  readonly full: PeriodJson;
  /** Null for a recurring charge, which has no events. */
  readonly meter: EvidenceMeter | null;
  /** What an adjustment is the difference to; null for all other lines. */
  readonly invoiced: { readonly quantity: string; readonly amount: string } | null;
}

export interface EvidenceMeter {
  readonly key: string;
  readonly version: number;
  readonly aggregation: Aggregation;
}

/** One event as a meter counted it. Its record is what the digest of its invoice line is made of. */
export interface EvidenceEvent {
  readonly kind: 'event';
  readonly source: string;
  readonly id: string;
  readonly time: string;
  readonly quantity: string;
  /** What unique_count counts, else ''. */
  readonly uniqueKey: string;
  /** That the meter declares, as far as the event has them: what the filters of a charge are about. */
  readonly dimensions: Readonly<Record<string, string>>;
  readonly meter: string;
  readonly customer: string;
}

/** Shows that the file is whole: records of lines and events, and SHA-256 of all text before this record. */
export interface EvidenceEnd {
  readonly kind: 'end';
  readonly lines: number;
  readonly events: number;
  readonly sha256: string;
}

/** One line of the file, with its line feed. */
export function evidenceText(record: EvidenceRecord): string {
  return `${canonicalJson(record as unknown as JsonValue)}\n`;
}

/** The order of events in a line: by time, then source, then id. No two are equal: an event counts once. */
export function compareEvents(left: EvidenceEvent, right: EvidenceEvent): number {
  // Texts of instants of one form order as the instants do.
  return (
    compareUtf8(left.time, right.time) ||
    compareUtf8(left.source, right.source) ||
    compareUtf8(left.id, right.id)
  );
}
