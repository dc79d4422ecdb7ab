import type { Auditor } from './auditor.ts';
import type { ListedInvoice } from './invoices.ts';

/** A finalized invoice never changes: its text is the same whenever it is read (P7). */
export function observeInvoice(auditor: Auditor, tenant: string, invoice: ListedInvoice): void {
  const { verdict, finalized } = auditor;
  const name = `${tenant}/${invoice.id}`;
  const text = JSON.stringify(invoice);
  const known = finalized.get(name);
  finalized.set(name, text);
  if (known === undefined) return;
  verdict.checked('finalized invoices read again');
  if (known !== text) verdict.broken('P7', `${name} was ${known} and is ${text}`);
}

/** Of the invoices that were final once, those that are not among these any more (P7). */
export function checkNoneIsGone(auditor: Auditor, tenant: string, final: readonly ListedInvoice[]): void {
  const present = new Set(final.map(({ id }) => `${tenant}/${id}`));
  for (const name of auditor.finalized.keys()) {
    if (name.startsWith(`${tenant}/`) && !present.has(name)) {
      auditor.verdict.broken('P7', `${name} was final and is gone`);
    }
  }
}
