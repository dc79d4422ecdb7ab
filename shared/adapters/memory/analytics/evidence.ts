import { compareUtf8 } from '../../../domain/metering/group-order.ts';
import type { UsageRow } from '../../../domain/metering/rows.ts';
import { assert } from '../../../kernel/assert.ts';
import { decimal, decimalText } from '../../../kernel/decimal.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { EventPosition, EvidenceQuery, EvidenceRow } from '../../../ports/analytics.ts';
import { lineRows } from './line-rows.ts';

export function listEvidence(rows: readonly UsageRow[], query: EvidenceQuery): readonly EvidenceRow[] {
  const { after, limit, customer } = query;
  assert(limit > 0 && limit <= LIMITS.evidencePageRows, 'a page of evidence is 1 to 10,000 rows');
  const ordered = lineRows(rows, { ...query, generation: 0, customers: [customer] })
    .filter((row) => after === undefined || comparePositions(row, after) > 0)
    .toSorted((a, b) => comparePositions(a, b) || compareAtPosition(a, b));
  const last = ordered[limit - 1];
  return ordered.filter((row) => last === undefined || comparePositions(row, last) <= 0).map(toEvidence);
}

function comparePositions(a: EventPosition, b: EventPosition): number {
  return a.timeMs - b.timeMs || compareUtf8(a.source, b.source) || compareUtf8(a.id, b.id);
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
  const { source, id, timeMs, uniqueKey, dimensions, meterVersion, sign, fence } = row;
  const quantity = decimalText(decimal(row.quantity));
  return { source, id, timeMs, quantity, uniqueKey, dimensions, meterVersion, sign, fence };
}
