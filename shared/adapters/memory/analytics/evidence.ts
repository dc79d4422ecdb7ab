import { compareUtf8 } from '../../../domain/metering/group-order.ts';
import type { UsageRow } from '../../../domain/metering/rows.ts';
import { assert } from '../../../kernel/assert.ts';
import { decimal, decimalText } from '../../../kernel/decimal.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { EvidencePage, EvidencePosition, EvidenceQuery, EvidenceRow } from '../../../ports/analytics.ts';
import { assertLineRows, lineRows } from './line-rows.ts';

export function listEvidence(rows: readonly UsageRow[], query: EvidenceQuery): EvidencePage {
  const { lines, spans, after, limit } = query;
  assertLineRows(query);
  assert(limit > 0 && limit <= LIMITS.evidencePageRows, 'a page of evidence is 1 to 20,000 rows');
  const counted = lines.flatMap((line) => spans.flatMap((span) => lineRows(rows, { ...query, line, span })));
  const ordered = [...new Set(counted)]
    .filter((row) => after === undefined || comparePositions(row, after) > 0)
    .sort((a, b) => comparePositions(a, b) || compareAtPosition(a, b));
  const last = ordered[limit - 1];
  const page = ordered.filter((row) => last === undefined || comparePositions(row, last) <= 0);
  return { rows: page.map(toEvidence), next: last === undefined ? null : positionOf(last) };
}

function comparePositions(a: EvidencePosition, b: EvidencePosition): number {
  return (
    compareUtf8(a.meter, b.meter) ||
    compareUtf8(a.customer, b.customer) ||
    a.timeMs - b.timeMs ||
    compareUtf8(a.source, b.source) ||
    compareUtf8(a.id, b.id)
  );
}

function positionOf({ meter, customer, timeMs, source, id }: UsageRow): EvidencePosition {
  return { meter, customer, timeMs, source, id };
}

function compareAtPosition(a: UsageRow, b: UsageRow): number {
  return (
    a.fence - b.fence ||
    a.revision - b.revision ||
    a.sign - b.sign ||
    compareUtf8(a.chunk, b.chunk) ||
    Number(BigInt(a.rowHash) - BigInt(b.rowHash))
  );
}

function toEvidence(row: UsageRow): EvidenceRow {
  const { meter, customer, source, id, timeMs, uniqueKey, dimensions, sign } = row;
  const quantity = decimalText(decimal(row.quantity));
  return { meter, customer, source, id, timeMs, quantity, uniqueKey, dimensions, sign };
}
