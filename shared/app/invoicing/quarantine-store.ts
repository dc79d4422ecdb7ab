import { TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import {
  type QuarantinedLineRecord,
  type QuarantineRecord,
  quarantinedLinesFromText,
  quarantineFromItem,
  quarantineKey,
} from '../records/quarantined-lines.ts';
import { readText } from './invoice-store.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';

/** The quarantined lines of a subscription as they were read. */
export interface Quarantine {
  /** Null: there are none. */
  readonly record: QuarantineRecord | null;
  /** Newest first. */
  readonly lines: readonly QuarantinedLineRecord[];
}

/** Strongly consistent. */
export async function readQuarantine(
  { items, objects }: Pick<InvoicingDeps, 'items' | 'objects'>,
  tenant: string,
  subscription: string,
): Promise<Quarantine> {
  const item = await items.get({ table: TABLES.main, key: quarantineKey(tenant, subscription) });
  if (item === undefined) return { record: null, lines: [] };
  const record = quarantineFromItem(item);
  return { record, lines: await readQuarantinedLines(objects, record) };
}

export async function readQuarantinedLines(
  objects: ObjectStore,
  record: QuarantineRecord,
): Promise<readonly QuarantinedLineRecord[]> {
  const { lines, linesObject } = record;
  return quarantinedLinesFromText(
    lines ?? (await readText(objects, defined(linesObject, 'where lines are'))),
  );
}

/** Where the lines are kept: in the item, or in an object named by what it holds. */
export async function storeQuarantinedLines(
  objects: ObjectStore,
  owner: { readonly tenant: string; readonly subscription: string },
  lines: readonly QuarantinedLineRecord[],
): Promise<Pick<QuarantineRecord, 'lines' | 'linesObject'>> {
  const text = canonicalJson([...lines]);
  const body = new TextEncoder().encode(text);
  if (body.byteLength <= LIMITS.invoiceLinesBytes) return { lines: text, linesObject: null };
  const linesObject = `invoices/${owner.tenant}/quarantined/${owner.subscription}/${sha256Hex(text)}.json`;
  await objects.put({ key: linesObject, body, ifAbsent: true });
  return { lines: null, linesObject };
}
