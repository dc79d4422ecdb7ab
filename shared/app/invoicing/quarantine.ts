import { TABLES } from '../../contracts/names.ts';
import type { QuarantinedLine } from '../../domain/invoicing/draft-invoice.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Condition, TransactionOperation } from '../../ports/item-store.ts';
import {
  type QuarantinedLineRecord,
  type QuarantineRecord,
  quarantineCountKey,
  quarantineCountToItem,
  quarantineKey,
  quarantineToItem,
} from '../records/quarantined-lines.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { type Quarantine, storeQuarantinedLines } from './quarantine-store.ts';
import type { RatedClosing } from './rate-closings.ts';

const table = TABLES.main;

/**
 * What a closing makes of the quarantined lines of its subscription: those that failed are listed, and with `isFinal` those
 * that did not are not listed any more. The operations belong into the transaction of what the closing makes; they fail
 * where somebody else changed the list since it was read.
 */
export async function quarantineOperations(
  deps: Pick<InvoicingDeps, 'objects' | 'onQuarantined'>,
  input: {
    readonly tenant: string;
    readonly invoice: string;
    readonly closed: RatedClosing;
    readonly atMs: number;
    readonly isFinal: boolean;
  },
): Promise<{ readonly left: number; readonly operations: readonly TransactionOperation[] }> {
  const { tenant, invoice, closed } = input;
  const { plan, drafted } = closed;
  for (const { charge, reason } of drafted.quarantined)
    deps.onQuarantined({ tenant, invoice, charge, reason });
  const before = plan.quarantine;
  const lines = linesAfter(input);
  const isSame = canonicalJson([...lines]) === canonicalJson([...before.lines]);
  if (isSame) return { left: lines.length, operations: [] };
  const { subscription, customer } = plan.terms;
  const [newest] = lines;
  if (newest === undefined) return { left: 0, operations: removal(tenant, subscription, before) };
  const record: QuarantineRecord = {
    subscription,
    customer,
    revision: (before.record?.revision ?? 0) + 1,
    count: lines.length,
    newestMs: newest.quarantinedAtMs,
    ...(await storeQuarantinedLines(deps.objects, { tenant, subscription }, lines)),
  };
  const item = quarantineToItem(tenant, record);
  return {
    left: lines.length,
    operations: [
      { op: 'put', table, item, condition: unchanged(before) },
      { op: 'put', table, item: quarantineCountToItem(tenant, record) },
    ],
  };
}

function linesAfter(input: Parameters<typeof quarantineOperations>[1]): readonly QuarantinedLineRecord[] {
  const { invoice, closed, atMs, isFinal } = input;
  const { quarantine, held } = closed.plan;
  const known = new Map(quarantine.lines.map((line) => [keyOf(line), line]));
  const failed = closed.drafted.quarantined.map((line) => toRecord(line, { invoice, atMs }, known));
  const after = new Map(
    [...(isFinal ? held : quarantine.lines), ...failed].map((line) => [keyOf(line), line]),
  );
  return [...after.values()].toSorted(newestFirst);
}

/** A line that failed before keeps since when it has. */
function toRecord(
  { charge, kind, planVersion, period, code, reason }: QuarantinedLine,
  now: { readonly invoice: string; readonly atMs: number },
  known: ReadonlyMap<string, QuarantinedLineRecord>,
): QuarantinedLineRecord {
  const { startMs, endMs } = period;
  const first = { charge, kind, planVersion, invoice: now.invoice, quarantinedAtMs: now.atMs };
  const message = reason.slice(0, LIMITS.reasonLength).toWellFormed();
  const line = { ...first, startMs, endMs, code, message, triedAtMs: now.atMs };
  const before = known.get(keyOf(line));
  if (before === undefined) return line;
  const { kind: firstKind, invoice, quarantinedAtMs } = before;
  return { ...line, kind: firstKind, invoice, quarantinedAtMs };
}

/** A charge in a segment, as in what was invoiced so far. */
function keyOf({ startMs, planVersion, charge }: QuarantinedLineRecord): string {
  return `${startMs}#${planVersion}#${charge}`;
}

function newestFirst(left: QuarantinedLineRecord, right: QuarantinedLineRecord): number {
  const isFirst = keyOf(left) < keyOf(right);
  return right.quarantinedAtMs - left.quarantinedAtMs || right.startMs - left.startMs || (isFirst ? -1 : 1);
}

function removal(tenant: string, subscription: string, before: Quarantine): readonly TransactionOperation[] {
  return [
    { op: 'delete', table, key: quarantineKey(tenant, subscription), condition: unchanged(before) },
    { op: 'delete', table, key: quarantineCountKey(tenant, subscription) },
  ];
}

function unchanged({ record }: Quarantine): Condition {
  if (record === null) return { kind: 'item_absent' };
  return { kind: 'equal', name: 'revision', value: record.revision };
}
