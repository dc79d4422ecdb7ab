import { z } from 'zod';
import { defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { listDue } from '../due/list-due.ts';
import type { DueRecord } from '../records/due-item.ts';
import { closingInstantMs, type InvoiceRecord } from '../records/invoice.ts';
import { readInvoiceRecords } from './invoice-store.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { keepAnswer, keepPages, type RunPage, readAnswer } from './run-objects.ts';

const listSchema = z.object({ pages: z.array(z.string()) });

interface ListRunInput {
  readonly execution: string;
  readonly step: string;
  readonly tenant: string;
  readonly dueAtMs: number;
}

/**
 * Subscriptions with a period that started or ended by then, in pages. What is beyond the pages of one execution stays due.
 */
export function listDueSubscriptions(deps: InvoicingDeps) {
  return (input: ListRunInput) =>
    listOnce(deps, input, async () => {
      const due = await allDue(deps.items, input, (kind) => kind !== 'grace_end');
      return due.map((record) => [entryOf(record)]);
    });
}

/**
 * Drafts whose grace is over by then, those of one subscription on one page in the order of their closing instants: each
 * adjusts what those before it have.
 */
export function listDrafts(deps: InvoicingDeps) {
  return (input: ListRunInput) =>
    listOnce(deps, input, async () => {
      const due = await allDue(deps.items, input, (kind) => kind === 'grace_end');
      const ids = due.map(({ id }) => id);
      const found = await readInvoiceRecords(deps.items, input.tenant, ids);
      const byId = new Map(found.map((record) => [record.id, record]));
      const drafts = due.map((entry) => ({ entry, draft: defined(byId.get(entry.id), `draft ${entry.id}`) }));
      const bySubscription = Map.groupBy(drafts, ({ draft }) => draft.subscription);
      return [...bySubscription.values()].map((group) =>
        group
          .toSorted((left, right) => closesBefore(left.draft, right.draft))
          .map(({ entry }) => entryOf(entry)),
      );
    });
}

function entryOf({ id, dueAtMs }: DueRecord): RunPage[number] {
  return { id, dueAtMs };
}

function closesBefore(left: InvoiceRecord, right: InvoiceRecord): number {
  return closingInstantMs(left) - closingInstantMs(right);
}

async function listOnce(deps: InvoicingDeps, input: ListRunInput, list: () => Promise<readonly RunPage[]>) {
  const run = { objects: deps.objects, execution: input.execution, step: input.step };
  const known = await readAnswer(run, listSchema);
  if (known !== null) return known;
  const pages = await keepPages(run, await list());
  return await keepAnswer(run, listSchema, { pages: [...pages] });
}

async function allDue(
  items: ItemStore,
  { tenant, dueAtMs }: ListRunInput,
  isAsked: (kind: DueRecord['kind']) => boolean,
): Promise<readonly DueRecord[]> {
  const most = LIMITS.mapItems * LIMITS.invoicePageItems;
  const found: DueRecord[] = [];
  let startAfter: string | undefined;
  do {
    const page = await listDue(items, {
      tenant,
      untilMs: dueAtMs,
      limit: LIMITS.queryItems,
      ...(startAfter === undefined ? {} : { startAfter }),
    });
    found.push(...page.records.filter(({ kind }) => isAsked(kind)));
    startAfter = page.next;
  } while (startAfter !== undefined && found.length < most);
  return found.slice(0, most);
}
