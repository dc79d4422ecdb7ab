import type { TaskFunction } from '../../local/state-machines/run-execution.ts';

interface StepInput {
  readonly step: string;
  readonly execution: string;
  readonly item: {
    readonly tenant: string;
    readonly dueAt: string;
    readonly number?: number;
    readonly fence?: number;
    readonly page?: string;
    readonly pages?: readonly PageResult[];
  };
  readonly polls?: number;
}
interface PageResult {
  readonly page: string;
  readonly error?: string;
}
interface Invoice {
  readonly fence: number;
  readonly number?: string;
}

/** What outlives every process: the subscriptions due, the invoices made of them, and what the steps stored. */
export interface InvoicingWorld {
  readonly invoices: ReadonlyMap<string, Invoice>;
  /** Every step that was begun, in order. */
  readonly steps: readonly StepInput[];
  readonly run: TaskFunction;
}

interface Settings {
  readonly subscriptions: number;
  /** The check of a fence that first finds it passed; those before find it pending. */
  readonly passedAtCheck: number;
  readonly failingPages?: readonly string[];
}

/** The steps of both machines in their simplest form: 2 subscriptions a page, idempotent as the machines demand. */
export function createInvoicingWorld(settings: Settings): InvoicingWorld {
  const invoices = new Map<string, Invoice>();
  const steps: StepInput[] = [];
  const handlers = { ...listsAndFences(settings), ...invoicesOf(settings, invoices) };
  return {
    invoices,
    steps,
    run: async (payload) => {
      const input = payload as unknown as StepInput;
      steps.push(input);
      return handlers[input.step]?.(input);
    },
  };
}

type Handlers = Readonly<Record<string, (input: StepInput) => unknown>>;

function listsAndFences(settings: Settings): Handlers {
  const stored = new Map<string, unknown>();
  let checks = 0;
  let fences = 100;

  function once<T>(input: StepInput, make: () => T): T {
    const key = `${input.execution}/${input.step}`;
    if (!stored.has(key)) stored.set(key, make());
    return stored.get(key) as T;
  }
  const pages = Array.from({ length: Math.ceil(settings.subscriptions / 2) }, (_, n) => `page-${n}`);
  const list = (input: StepInput) => ({ pages: once(input, () => pages) });
  return {
    ListDue: list,
    ListDrafts: list,
    DrawFence: (input) => ({ number: once(input, () => ++fences) }),
    CheckFence: (input) => {
      checks += 1;
      const polls = (input.polls ?? 0) + 1;
      if (checks < settings.passedAtCheck) return { passed: false, number: 0, polls };
      return { passed: true, number: once(input, () => input.item.number ?? 50), polls };
    },
  };
}

function invoicesOf(settings: Settings, invoices: Map<string, Invoice>): Handlers {
  let numbers = 0;
  const subscriptionsOf = (page: string) => {
    const first = Number(page.slice('page-'.length)) * 2;
    return [first, first + 1].filter((n) => n < settings.subscriptions).map((n) => `sub-${n}`);
  };
  const bill = (input: StepInput, counted: string) => {
    const { page = '', fence = 0 } = input.item;
    if (settings.failingPages?.includes(page) === true) throw new RangeError('a quantity is out of range');
    for (const subscription of subscriptionsOf(page))
      if (!invoices.has(subscription)) invoices.set(subscription, { fence });
    return { page, [counted]: subscriptionsOf(page).length };
  };
  const report = ({ item: { pages = [] } }: StepInput) => ({
    done: pages.filter((page) => page.error === undefined).map((page) => page.page),
    failed: pages.filter((page) => page.error !== undefined),
  });
  return {
    DraftPage: (input) => bill(input, 'drafted'),
    FinalizePage: (input) => bill(input, 'finalized'),
    ReportDrafts: report,
    NumberInvoices: (input) => {
      for (const [subscription, invoice] of [...invoices].sort())
        if (invoice.number === undefined)
          invoices.set(subscription, { ...invoice, number: `INV-${++numbers}` });
      return report(input);
    },
  };
}
