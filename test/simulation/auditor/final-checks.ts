import type { Stage } from '../actors/actor.ts';
import { readInvoices } from '../actors/invoice-reader.ts';
import { type ApiReader, createReader } from '../api-reads.ts';
import type { SimulatedTenant } from '../tenants.ts';
import { checkCorrections } from './final-corrections.ts';
import { checkConflicts, checkStoredEvents, type ListedEvent } from './final-events.ts';
import { checkInvoices } from './final-invoices.ts';
import { checkQuarantine } from './final-quarantine.ts';
import { checkUsage, meterEvents } from './final-usage.ts';
import { checkNoneIsGone } from './observe-invoices.ts';

/** Reads everything when faults have stopped and all is quiet, and compares it with what clients know. */
export async function checkTenant(stage: Stage, tenant: SimulatedTenant): Promise<void> {
  const { auditor } = stage;
  const reader = finalReader(stage, tenant);
  const listed = await reader.list<ListedEvent>('/v1/events');
  if (listed === null) return auditor.verdict.broken('P1', `${tenant.key}: events cannot be listed`);
  const corrected = await checkCorrections(auditor, tenant, reader);
  const stored = checkStoredEvents(auditor, tenant, listed, corrected);
  await checkConflicts(auditor, tenant, reader, { stored, corrected });
  await checkQuarantine(auditor, tenant, reader, stored);
  const metered = await meterEvents(reader, tenant, stored.values());
  await checkUsage(auditor, tenant, reader, metered);
  const invoices = await readInvoices(stage, 'auditor', tenant);
  if (invoices === null) return auditor.verdict.broken('P7', `${tenant.key}: invoices cannot be listed`);
  checkNoneIsGone(auditor, tenant.key, invoices);
  const { skewMaxMs } = stage.world.settings;
  await checkInvoices({ auditor, tenant, reader, metered, corrected, invoices, skewMaxMs });
}

export function finalReader({ world, http, auditor }: Stage, tenant: SimulatedTenant): ApiReader {
  return createReader({
    ...{ world, http, actor: 'auditor', tenant, tries: 5 },
    onRefused: (path, { status, text }) =>
      auditor.verdict.broken('own', `GET ${path} answered ${status}: ${text.slice(0, 300)}`),
  });
}
