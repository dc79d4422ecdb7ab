import { LIMITS } from '../../kernel/limits.ts';
import type { StreamRecord } from '../../ports/event-stream.ts';
import { decodeHeader } from '../stream/envelope-codec.ts';

/** Cuts a batch, in order, into groups that each become one chunk: as many records as LIMITS.chunkEvents events allow. */
export function splitBatch(records: readonly StreamRecord[]): readonly (readonly StreamRecord[])[] {
  const groups: StreamRecord[][] = [];
  let events = 0;
  for (const record of records) {
    const count = eventsOf(record);
    const group = groups.at(-1);
    if (group === undefined || (events > 0 && events + count > LIMITS.chunkEvents)) {
      groups.push([record]);
      events = count;
    } else {
      group.push(record);
      events += count;
    }
  }
  return groups;
}

/** What cannot be read becomes one line of quarantine. */
function eventsOf(record: StreamRecord): number {
  const decoded = decodeHeader(record.data);
  if (!decoded.ok) return 1;
  const { header } = decoded.value;
  if (header.kind === 'fence') return 0;
  return header.kind === 'page' ? LIMITS.jobPageEvents : header.count;
}
