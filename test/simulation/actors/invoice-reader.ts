import { createReader } from '../api-reads.ts';
import type { ListedInvoice } from '../auditor/invoices.ts';
import { observeInvoice } from '../auditor/observe-invoices.ts';
import type { SimulatedTenant } from '../tenants.ts';
import type { Actor, Stage } from './actor.ts';

const PAUSE_MS = [10_000, 40_000] as const;

/** Looks at a tenant's invoices again and again: what was final once is never anything else. */
export function invoiceReader(tenant: SimulatedTenant): Actor {
  const name = `invoices-of-${tenant.key}`;
  return {
    name,
    act: async (stage, random) => {
      while (stage.isOn()) {
        await stage.world.scheduler.pause(random.int(...PAUSE_MS));
        await readInvoices(stage, name, tenant);
      }
    },
  };
}

/** Answers the final ones, whole; null where nobody answers. */
export async function readInvoices(
  { world, http, auditor }: Stage,
  name: string,
  tenant: SimulatedTenant,
): Promise<readonly ListedInvoice[] | null> {
  const reader = createReader({
    ...{ world, http, actor: name, tenant, tries: 3 },
    onRefused: (path, { status, text }) =>
      auditor.verdict.broken('own', `GET ${path} answered ${status}: ${text.slice(0, 300)}`),
  });
  const listed = await reader.list<ListedInvoice>('/v1/invoices');
  if (listed === null) return null;
  const final = listed.filter(({ status }) => status === 'finalized');
  for (const invoice of final) observeInvoice(auditor, tenant.key, invoice);
  return final;
}
