import { z } from 'zod';
import { LIMITS } from '../../kernel/limits.ts';
import { keySchema, listQuerySchema } from './common.ts';
import {
  invoiceIdSchema,
  invoiceLineListSchema,
  invoiceListQuerySchema,
  invoiceListSchema,
  invoicePdfQuerySchema,
  invoiceSchema,
  quarantinedLineListSchema,
  upcomingInvoiceSchema,
} from './invoices.ts';
import { jsonResponse, route } from './route.ts';

const params = z.object({ id: invoiceIdSchema.min(1).max(64) });

function evidenceAnswer(description: string, headers: Readonly<Record<string, string>>) {
  const content = { 'application/x-ndjson': z.string() };
  return { description, content, headers: { ETag: 'Names the file: it never changes.', ...headers } };
}

export const INVOICE_ROUTES = {
  listInvoices: route({
    operationId: 'listInvoices',
    method: 'GET',
    path: '/v1/invoices',
    tag: 'Invoices',
    summary:
      'List invoices: by id, or by closing instant where a customer, a subscription or a status is asked for',
    scope: 'invoices:read',
    query: invoiceListQuerySchema,
    responses: { 200: jsonResponse('A page of invoices', invoiceListSchema) },
  }),
  getInvoice: route({
    operationId: 'getInvoice',
    method: 'GET',
    path: '/v1/invoices/{id}',
    tag: 'Invoices',
    summary: 'Read an invoice with its first lines',
    scope: 'invoices:read',
    params,
    responses: { 200: jsonResponse('The invoice', invoiceSchema) },
    errors: ['invoice.not_found'],
  }),
  listInvoiceLines: route({
    operationId: 'listInvoiceLines',
    method: 'GET',
    path: '/v1/invoices/{id}/lines',
    tag: 'Invoices',
    summary: 'List the lines of an invoice in their order',
    scope: 'invoices:read',
    params,
    query: listQuerySchema,
    responses: { 200: jsonResponse('A page of lines', invoiceLineListSchema) },
    errors: ['invoice.not_found'],
  }),
  getInvoiceEvidence: route({
    operationId: 'getInvoiceEvidence',
    method: 'GET',
    path: '/v1/invoices/{id}/evidence',
    tag: 'Invoices',
    summary: 'Read the events and prices that an invoice follows from, as NDJSON',
    scope: 'invoices:read',
    params,
    requestHeaders: {
      Range: `One range of bytes. Without it, files of more than ${LIMITS.evidencePieceBytes} bytes are refused.`,
      'If-Range': 'The ETag: only of the same file a range is asked for.',
    },
    responses: {
      200: evidenceAnswer('The evidence file', {}),
      206: evidenceAnswer(`The range, or the first ${LIMITS.evidencePieceBytes} bytes of it`, {
        'Content-Range': 'Which bytes these are, and how many the file has.',
      }),
    },
    errors: [
      'invoice.not_found',
      'invoice.no_evidence',
      'request.range_required',
      'request.range_not_satisfiable',
    ],
  }),
  getInvoicePdf: route({
    operationId: 'getInvoicePdf',
    method: 'GET',
    path: '/v1/invoices/{id}.pdf',
    tag: 'Invoices',
    summary: 'Read an invoice as PDF',
    scope: 'invoices:read',
    params,
    query: invoicePdfQuerySchema,
    responses: { 200: { description: 'The invoice', content: { 'application/pdf': z.string() } } },
    errors: ['invoice.not_found', 'invoice.too_long'],
  }),
  listQuarantinedLines: route({
    operationId: 'listQuarantinedLines',
    method: 'GET',
    path: '/v1/quarantined-lines',
    tag: 'Invoices',
    summary:
      'List invoice lines that could not be made and are not billed yet: subscriptions by their newest one, newest first',
    scope: 'invoices:read',
    query: listQuerySchema,
    responses: { 200: jsonResponse('A page of lines', quarantinedLineListSchema) },
  }),
  getUpcomingInvoice: route({
    operationId: 'getUpcomingInvoice',
    method: 'GET',
    path: '/v1/subscriptions/{key}/upcoming-invoice',
    tag: 'Invoices',
    summary: 'Read the next invoice of a subscription as it would be drafted now, with all its lines',
    scope: 'invoices:read',
    params: z.strictObject({ key: keySchema.meta({ example: 'acme-pro' }) }),
    responses: { 200: jsonResponse('The invoice to come', upcomingInvoiceSchema) },
    errors: ['subscription.not_found', 'invoice.none_upcoming'],
  }),
} as const;
