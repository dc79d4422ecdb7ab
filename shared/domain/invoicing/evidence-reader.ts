import { runningSha256 } from '../../kernel/hash.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Charge } from '../rating/charge.ts';
import {
  compareEvents,
  type EvidenceEnd,
  type EvidenceEvent,
  type EvidenceHeader,
  type EvidenceLine,
  type EvidenceRecord,
} from './evidence-records.ts';
import type { EvidenceDigest } from './invoice.ts';
import { type UsageFold, usageFold } from './usage-fold.ts';

export interface VersionCharges {
  readonly version: number;
  readonly charges: readonly Charge[];
}

/** A line of an evidence file with what its events come to; the events themselves are not kept. */
export interface CountedLine {
  readonly line: EvidenceLine;
  readonly quantity: string;
  readonly evidence: EvidenceDigest;
  /** What is wrong with its first event that cannot count for it; null: all of them do. */
  readonly problem: string | null;
}

/** What an evidence file says. */
export interface Evidence {
  readonly header: EvidenceHeader;
  readonly versions: readonly VersionCharges[];
  readonly lines: readonly CountedLine[];
  /** Null: the file is as it was written. */
  readonly damage: string | null;
}

export interface EvidenceReader {
  /** `text` is the record's line without its line feed. Answers why the record cannot stand here; null: it can. */
  take(record: EvidenceRecord, text: string): string | null;
  /** The error says what is missing. */
  finish(): Result<Evidence, string>;
}

/** Reads the records of a file one by one, in memory of the identities of one line's events. */
export function evidenceReader(): EvidenceReader {
  const digest = runningSha256();
  const versions: VersionCharges[] = [];
  const lines: LineCount[] = [];
  let header: EvidenceHeader | null = null;
  let end: EvidenceEnd | null = null;
  let events = 0;
  let sha256 = '';
  const place = (record: EvidenceRecord): string | null => {
    if (end !== null) return 'nothing follows the end';
    if ((header === null) !== (record.kind === 'evidence'))
      return 'the first record, and no other, is the header';
    switch (record.kind) {
      case 'evidence':
        header = record;
        return null;
      case 'version':
        if (lines.length > 0) return 'versions stand before all lines';
        versions.push({ version: record.version, charges: record.charges });
        return null;
      case 'line':
        lines.at(-1)?.close();
        lines.push(new LineCount(record, header?.terms.customer ?? '', filtersOf(record, versions)));
        return null;
      case 'event':
        events += 1;
        return lines.at(-1)?.add(record) === undefined ? 'an event follows its line' : null;
      case 'end':
        end = record;
        sha256 = digest.hex();
        return null;
    }
  };
  return {
    take: (record, text) => {
      const misplaced = place(record);
      digest.add(`${text}\n`);
      return misplaced;
    },
    finish: () => {
      if (header === null) return err('it is empty');
      if (end === null) return err('its end is missing');
      const damage = findDamage(end, { kind: 'end', lines: lines.length, events, sha256 });
      return ok({ header, versions, lines: lines.map((line) => line.result()), damage });
    },
  };
}

function findDamage(stated: EvidenceEnd, found: EvidenceEnd): string | null {
  const fields = ['lines', 'events', 'sha256'] as const;
  const wrong = fields.find((field) => stated[field] !== found[field]);
  return wrong === undefined ? null : `${wrong} of its end is ${stated[wrong]}, should be ${found[wrong]}`;
}

class LineCount {
  readonly #line: EvidenceLine;
  readonly #customer: string;
  readonly #filters: NonNullable<Charge['filters']>;
  readonly #fold: UsageFold;
  readonly #seen = new Set<string>();
  #last: EvidenceEvent | null = null;
  #problem: string | null = null;

  constructor(line: EvidenceLine, customer: string, filters: NonNullable<Charge['filters']>) {
    this.#line = line;
    this.#customer = customer;
    this.#filters = filters;
    this.#fold = usageFold(line.meter?.aggregation ?? 'count');
  }

  add(event: EvidenceEvent): true {
    const problem = this.#problemOf(event);
    if (problem === null) {
      this.#seen.add(identityOf(event));
      this.#last = event;
      this.#fold.add(event);
    } else this.#problem ??= `event ${event.id} of ${event.source} ${problem}`;
    return true;
  }

  /** No event of it follows. */
  close(): void {
    this.#seen.clear();
  }

  result(): CountedLine {
    return { line: this.#line, ...this.#fold.result(), problem: this.#problem };
  }

  #problemOf(event: EvidenceEvent): string | null {
    const { meter, period } = this.#line;
    if (meter === null) return 'belongs to a line that counts none';
    if (event.meter !== meter.key) return `is of the meter ${event.meter}, not ${meter.key}`;
    if (event.customer !== this.#customer) return `is of ${event.customer}, not ${this.#customer}`;
    if (event.time < period.from || event.time >= period.to)
      return `lies outside the period, at ${event.time}`;
    const other = Object.entries(this.#filters).find(([name, values]) => !hasOneOf(event, name, values));
    if (other !== undefined) return `has none of the values that its charge asks for in ${other[0]}`;
    if (this.#seen.has(identityOf(event))) return 'is there twice';
    if (this.#last !== null && compareEvents(this.#last, event) >= 0) return 'is not in order';
    return null;
  }
}

/** Versions stand before the lines that they price; a line without one is refused when it is rated. */
function filtersOf(line: EvidenceLine, versions: readonly VersionCharges[]): NonNullable<Charge['filters']> {
  const version = versions.find((candidate) => candidate.version === line.planVersion);
  return version?.charges.find(({ key }) => key === line.charge)?.filters ?? {};
}

function hasOneOf({ dimensions }: EvidenceEvent, name: string, values: readonly string[]): boolean {
  return Object.hasOwn(dimensions, name) && values.includes(dimensions[name] ?? '');
}

function identityOf({ source, id }: EvidenceEvent): string {
  return JSON.stringify([source, id]);
}
