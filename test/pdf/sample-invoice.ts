import type {
  InvoiceCustomer,
  InvoiceDocument,
  InvoiceDocumentLine,
  InvoiceSeller,
} from '../../shared/adapters/pdf/invoice-document.ts';

const NOVEMBER = { from: '2023-11-01T00:00:00.000Z', to: '2023-12-01T00:00:00.000Z' };
const DECEMBER = { from: '2023-12-01T00:00:00.000Z', to: '2024-01-01T00:00:00.000Z' };

export const SELLER: InvoiceSeller = {
  name: 'Northwind Models, Inc.',
  addressLines: ['500 Market Street, Suite 40', 'San Francisco, CA 94105', 'United States'],
  taxId: 'US 84-2210771',
};

export const CUSTOMER: InvoiceCustomer = {
  name: 'Acme',
  addressLines: ['12 Harbour Road', 'Dublin D02 X285', 'Ireland'],
  taxId: 'IE 6388047V',
  email: 'billing@acme.example',
};

export function usageLine(overrides: Partial<InvoiceDocumentLine> = {}): InvoiceDocumentLine {
  return {
    kind: 'usage',
    description: 'Output tokens',
    period: NOVEMBER,
    quantity: '821386',
    unit: 'tokens',
    amount: '12.32',
    tiers: [],
    ...overrides,
  };
}

const LINES: readonly InvoiceDocumentLine[] = [
  {
    kind: 'recurring',
    description: 'Platform fee',
    period: DECEMBER,
    quantity: '1',
    unit: null,
    amount: '20.00',
  },
  usageLine({
    description: 'Input tokens',
    quantity: '4344045',
    amount: '11.19',
    tiers: [
      { upTo: '1000000', quantity: '1000000', unitAmount: '0.000003', flatAmount: null, amount: '3.00' },
      { upTo: '4000000', quantity: '3000000', unitAmount: '0.0000025', flatAmount: null, amount: '7.50' },
      { upTo: null, quantity: '344045', unitAmount: '0.000002', flatAmount: null, amount: '0.69' },
    ],
  }),
  usageLine(),
  usageLine({ description: 'Requests', quantity: '3874', unit: 'requests', amount: '1.50' }),
];

/** A finalized invoice of a month of an LLM product, 45.01 USD. */
export function sampleInvoice(overrides: Partial<InvoiceDocument> = {}): InvoiceDocument {
  return {
    id: 'inv_01',
    number: 'INV-000001',
    status: 'finalized',
    currency: 'USD',
    period: NOVEMBER,
    issuedAt: '2023-12-01T00:00:00.000Z',
    dueAt: '2023-12-31T00:00:00.000Z',
    finalizedAt: '2023-12-02T00:00:12.000Z',
    subtotal: '45.01',
    discountTotal: '0.00',
    taxTotal: '0.00',
    creditTotal: '0.00',
    total: '45.01',
    amountPaid: '0.00',
    amountDue: '45.01',
    lines: LINES,
    linesNextCursor: null,
    ...overrides,
  };
}

/** So many lines, each with a description of its own: "Project 007". */
export function numberedLines(count: number): readonly InvoiceDocumentLine[] {
  return Array.from({ length: count }, (_, index) =>
    usageLine({ description: numberedDescription(index + 1), quantity: '3', amount: `${index + 1}.00` }),
  );
}

export function numberedDescription(number: number): string {
  return `Project ${String(number).padStart(3, '0')}`;
}
