import type { Conflict } from '../../shared/app/journey/list-conflicts.ts';
import type { EventJourney } from '../../shared/app/journey/read-journey.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import { textOrNull } from './wire.ts';

type EventRow = EventJourney['event'];
type QuarantineRow = EventJourney['quarantine'][number];

export function eventToWire(row: EventRow) {
  return {
    id: row.id,
    source: row.source,
    type: row.type,
    customer: textOrNull(row.customer),
    customerReference: row.customerReference,
    time: formatInstant(row.timeMs),
    timeSent: row.timeSent,
    receivedAt: formatInstant(row.receivedAtMs),
    properties: JSON.parse(row.properties),
    status: row.status,
    reason: textOrNull(row.reason),
  };
}

export function changeToWire(row: EventJourney['changes'][number]) {
  const { id, source, action, status, fingerprint, fence } = row;
  return {
    id,
    source,
    revision: row.correction === 0 ? null : row.correction,
    action,
    status,
    reason: textOrNull(row.reason),
    job: textOrNull(row.job),
    receivedAt: formatInstant(row.timeMs),
    event: row.payload === '' ? null : JSON.parse(row.payload),
    fingerprint,
    fence,
  };
}

export function journeyToWire({ event, meters, changes, quarantine }: EventJourney) {
  return {
    ...eventToWire(event),
    chunk: event.chunk,
    fence: event.fence,
    catalogueRevision: event.revision,
    fingerprint: event.fingerprint,
    meters,
    changes: changes.map(changeToWire),
    quarantine: quarantine.map(({ meter, code, message }) => ({ meter: textOrNull(meter), code, message })),
  };
}

export function quarantineToWire(row: QuarantineRow) {
  return {
    entry: row.entry,
    meter: textOrNull(row.meter),
    id: textOrNull(row.id),
    source: textOrNull(row.source),
    customer: textOrNull(row.customer),
    type: textOrNull(row.type),
    time: formatInstant(row.timeMs),
    receivedAt: formatInstant(row.receivedAtMs),
    code: row.code,
    message: row.message,
    content: row.content,
  };
}

export function conflictToWire({ conflict: row, counted }: Conflict) {
  return {
    id: row.id,
    source: row.source,
    ...payloadToWire(row),
    receivedAt: formatInstant(row.receivedAtMs),
    fingerprint: row.fingerprint,
    ownerFingerprint: row.ownerFingerprint,
    chunk: row.chunk,
    ownerChunk: row.ownerChunk,
    counted: counted === null ? null : { ...payloadToWire(counted), status: counted.status },
  };
}

function payloadToWire(row: Pick<EventRow, 'type' | 'customerReference' | 'timeMs' | 'properties'>) {
  const { type, customerReference, timeMs, properties } = row;
  return { type, customerReference, time: formatInstant(timeMs), properties: JSON.parse(properties) };
}
