import { z } from 'zod';
import { assert } from '../../kernel/assert.ts';
import type { JsonValue } from '../../kernel/canonical-json.ts';
import { parseInstant } from '../../kernel/time.ts';
import { draftPage } from './draft-page.ts';
import { finalizePage } from './finalize-page.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { listDrafts, listDueSubscriptions } from './list-run.ts';
import { numberInvoices } from './number-invoices.ts';
import { checkRunFence, drawRunFence } from './run-fences.ts';

const tenant = z.string();
const number = z.int();
const instant = z.string().transform((text) => {
  const parsed = parseInstant(text);
  assert(parsed.ok, 'dueAt is an instant');
  return parsed.value;
});
const pageResult = z.object({
  page: z.string(),
  drafted: z.exactOptional(z.int()),
  finalized: z.exactOptional(z.int()),
  error: z.exactOptional(z.string()),
});

const execution = z.string().min(1);
const due = z.object({ tenant, dueAt: instant });
const onPage = due.extend({ fence: number, page: z.string() });
const ended = due.extend({ fence: number, pages: z.array(pageResult) });

/** What the machines of `lib/state-machines` send. */
const stepInput = z.discriminatedUnion('step', [
  z.object({ step: z.literal('ListDue'), execution, item: due }),
  z.object({
    step: z.literal('CheckFence'),
    execution,
    polls: z.int().nonnegative(),
    item: z.object({ tenant, dueAt: z.exactOptional(instant), number: z.exactOptional(number) }),
  }),
  z.object({ step: z.literal('DraftPage'), execution, item: onPage }),
  z.object({ step: z.literal('ReportDrafts'), execution, item: ended }),
  z.object({ step: z.literal('DrawFence'), execution, item: due }),
  z.object({ step: z.literal('ListDrafts'), execution, item: due }),
  z.object({ step: z.literal('FinalizePage'), execution, item: onPage }),
  z.object({ step: z.literal('NumberInvoices'), execution, item: ended }),
]);
type StepInput = z.output<typeof stepInput>;

/**
 * The steps that make invoices, as state machines call them. Each is idempotent by (execution, step, item): done again, also
 * at the same time, it has its effects once. A throw is an outage or a bug, and the machine tries again.
 */
export function invoiceSteps(deps: InvoicingDeps): (input: JsonValue) => Promise<JsonValue> {
  return async (input) => ({ ...(await runStep(deps, stepInput.parse(input))) });
}

async function runStep(deps: InvoicingDeps, input: StepInput): Promise<Readonly<Record<string, JsonValue>>> {
  const { step, execution: name, item } = input;
  const asked = { execution: name, step, tenant: item.tenant };
  switch (input.step) {
    case 'ListDue':
      return await listDueSubscriptions(deps)({ ...asked, dueAtMs: input.item.dueAt });
    case 'ListDrafts':
      return await listDrafts(deps)({ ...asked, dueAtMs: input.item.dueAt });
    case 'CheckFence':
      return await checkRunFence(deps)({
        ...asked,
        polls: input.polls,
        dueAtMs: input.item.dueAt ?? null,
        number: input.item.number ?? null,
      });
    case 'DrawFence':
      return await drawRunFence(deps)(asked);
    case 'DraftPage':
      return await draftPage(deps)({ ...input.item, dueAtMs: input.item.dueAt });
    case 'FinalizePage':
      return await finalizePage(deps)({ ...input.item, dueAtMs: input.item.dueAt });
    case 'ReportDrafts':
      return report(input.item.pages);
    case 'NumberInvoices':
      await numberInvoices(deps.items, item.tenant);
      return report(input.item.pages);
  }
}

/** What was done, and which pages were given up. */
function report(pages: readonly z.output<typeof pageResult>[]): Readonly<Record<string, JsonValue>> {
  const failed = pages.flatMap(({ page, error }) => (error === undefined ? [] : [{ page, error }]));
  const invoices = pages.reduce((sum, { drafted = 0, finalized = 0 }) => sum + drafted + finalized, 0);
  return { pages: pages.length, invoices, failed };
}
