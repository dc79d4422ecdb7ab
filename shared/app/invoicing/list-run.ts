import { z } from 'zod';
import { TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { listDue } from '../due/list-due.ts';
import type { DueRecord } from '../records/due-item.ts';
import { invoiceFromItem, invoiceKey } from '../records/invoice.ts';
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
      return due.map(({ id, dueAtMs }) => ({ id, dueAtMs }));
    });
}

/** Drafts whose grace is over by then, those of one subscription one after the other, in the order of their periods. */
export function listDrafts(deps: InvoicingDeps) {
  return (input: ListRunInput) =>
    listOnce(deps, input, async () => {
      const due = await allDue(deps.items, input, (kind) => kind === 'grace_end');
      const subscriptions = await subscriptionsOf(deps.items, input.tenant, due);
      const bySubscription = Map.groupBy(due, ({ id }) => subscriptions.get(id) ?? '');
      return [...bySubscription.values()].flat().map(({ id, dueAtMs }) => ({ id, dueAtMs }));
    });
}

async function listOnce(deps: InvoicingDeps, input: ListRunInput, list: () => Promise<RunPage>) {
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

async function subscriptionsOf(
  items: ItemStore,
  tenant: string,
  due: readonly DueRecord[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (let from = 0; from < due.length; from += LIMITS.batchGetKeys) {
    const keys = due.slice(from, from + LIMITS.batchGetKeys).map(({ id }) => invoiceKey(tenant, id));
    for (const item of await items.getMany({ table: TABLES.main, keys })) {
      const { id, subscription } = invoiceFromItem(item);
      found.set(id, subscription);
    }
  }
  return found;
}
