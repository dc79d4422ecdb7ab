import { invoiceSteps } from '../../shared/app/invoicing/invoice-steps.ts';

type InvoiceSteps = ReturnType<typeof invoiceSteps>;

/** One step of the machines that draft and finalize invoices. Called by Step Functions; a throw makes it try again. */
export function createHandler(deps: Parameters<typeof invoiceSteps>[0]): InvoiceSteps {
  return invoiceSteps(deps);
}
