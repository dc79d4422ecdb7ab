import { z } from 'zod';
import { readCustomer } from '../../shared/app/customers/read-customer.ts';
import { listInvoices } from '../../shared/app/invoicing/list-invoices.ts';
import {
  type ListedQuarantinedLine,
  listQuarantinedLines,
} from '../../shared/app/invoicing/list-quarantined-lines.ts';
import { getEvidence, getInvoice } from '../../shared/app/invoicing/read-invoices.ts';
import {
  firstLinesJson,
  linesJson,
  type ShownInvoice,
  wholeInvoiceJson,
} from '../../shared/app/invoicing/show-invoice.ts';
import { upcomingInvoice } from '../../shared/app/invoicing/upcoming-invoice.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { appError } from '../../shared/kernel/errors.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { err, ok } from '../../shared/kernel/result.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import { type Binding, bind, tenantOf } from '../_kit/call.ts';
import { cursorsOf } from '../_kit/cursor.ts';
import { listReply, rowsReply } from '../_kit/list.ts';
import { rangeReply } from '../_kit/ranges.ts';
import type { ServeApiDeps } from './deps.ts';
import { instantOrNull } from './wire.ts';

export function invoiceRoutes(deps: ServeApiDeps): readonly Binding[] {
  return [
    bind(ROUTES.listInvoices, (call) => {
      const { limit: _limit, cursor: _cursor, ...filters } = call.query;
      const tenant = tenantOf(call).key;
      return listReply({
        operationId: ROUTES.listInvoices.operationId,
        query: call.query,
        read: (request) => listInvoices(deps)({ tenant, ...filters, ...request }),
        toWire: invoiceToWire,
      });
    }),
    bind(ROUTES.getInvoice, async (call) => {
      const found = await getInvoice(deps)({ tenant: tenantOf(call).key, id: call.params.id });
      return found.ok ? ok({ status: 200, body: invoiceToWire(found.value) }) : found;
    }),
    linesRoute(deps),
    bind(ROUTES.getInvoiceEvidence, async (call) => {
      const found = await getEvidence(deps)({ tenant: tenantOf(call).key, id: call.params.id });
      if (!found.ok) return found;
      const { size, sha256, read } = found.value;
      const mostBytes = LIMITS.evidencePieceBytes;
      const contentType = 'application/x-ndjson';
      return rangeReply({ call, contentType, size, version: sha256, mostBytes, read });
    }),
    pdfRoute(deps),
    quarantineRoute(deps),
    bind(ROUTES.getUpcomingInvoice, async (call) => {
      const tenant = tenantOf(call).key;
      const upcoming = await upcomingInvoice(deps)({ tenant, subscription: call.params.key });
      if (!upcoming.ok) return upcoming;
      const { completeThroughMs, ...shown } = upcoming.value;
      const completeThrough = instantOrNull(completeThroughMs);
      return ok({ status: 200, body: { ...wholeInvoiceJson(shown), completeThrough } });
    }),
  ];
}

function linesRoute(deps: ServeApiDeps): Binding {
  return bind(ROUTES.listInvoiceLines, async (call) => {
    const { id } = call.params;
    const found = await getInvoice(deps)({ tenant: tenantOf(call).key, id });
    if (!found.ok) return found;
    const { cursor, limit = LIMITS.pageSizeDefault } = call.query;
    const cursors = lineCursors(id);
    const from = cursor === undefined ? ok(0) : cursors.decode(cursor);
    if (!from.ok) return from;
    const end = from.value + Number(limit);
    const { lines } = found.value.invoice;
    const data = linesJson(lines.slice(from.value, end));
    return ok({
      status: 200,
      body: { data, nextCursor: end < lines.length ? cursors.encode(end) : null },
    });
  });
}

function pdfRoute(deps: ServeApiDeps): Binding {
  return bind(ROUTES.getInvoicePdf, async (call) => {
    const tenant = tenantOf(call);
    const found = await getInvoice(deps)({ tenant: tenant.key, id: call.params.id });
    if (!found.ok) return found;
    const { invoice } = found.value;
    if (invoice.lines.length > LIMITS.invoicePdfLines) return err(appError('invoice.too_long'));
    const customer = await readCustomer({
      items: deps.items,
      tenant: tenant.key,
      key: invoice.terms.customer,
    });
    assert(customer.ok, 'the customer of an invoice exists');
    const content = await deps.renderInvoicePdf({
      invoice: wholeInvoiceJson(found.value),
      seller: { name: tenant.name },
      customer: { name: customer.value.name },
      paper: call.query.paper ?? 'a4',
    });
    return ok({ status: 200, bytes: { contentType: 'application/pdf', content } });
  });
}

function quarantineRoute(deps: ServeApiDeps): Binding {
  return bind(ROUTES.listQuarantinedLines, (call) => {
    const tenant = tenantOf(call).key;
    return rowsReply({
      operationId: ROUTES.listQuarantinedLines.operationId,
      query: call.query,
      position: z.strictObject({ subscription: z.string(), line: z.string() }),
      read: (request) => listQuarantinedLines(deps)({ tenant, ...request }),
      positionOf: ({ position }) => position,
      toWire: quarantinedLineToWire,
    });
  });
}

function quarantinedLineToWire(line: ListedQuarantinedLine) {
  const { startMs, endMs, quarantinedAtMs, triedAtMs, position: _position, ...fields } = line;
  return {
    ...fields,
    period: { from: formatInstant(startMs), to: formatInstant(endMs) },
    quarantinedAt: formatInstant(quarantinedAtMs),
    triedAt: formatInstant(triedAtMs),
  };
}

function invoiceToWire(shown: ShownInvoice) {
  return firstLinesJson(shown, lineCursors(shown.invoice.id).encode);
}

function lineCursors(id: string) {
  const position = z.int().nonnegative();
  return cursorsOf({ operationId: ROUTES.listInvoiceLines.operationId, query: { id }, position });
}
