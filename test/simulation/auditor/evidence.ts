import { createHash } from 'node:crypto';
import type { EvidenceEvent } from './invoices.ts';

/** The rows of each line, and the digest of their text. */
export function readEvidence(
  file: string,
): ReadonlyMap<string, { readonly events: readonly EvidenceEvent[]; readonly sha256: string }> {
  const lines = new Map<string, { events: EvidenceEvent[]; text: string }>();
  let current = '';
  for (const text of file.trimEnd().split('\n')) {
    const record = JSON.parse(text) as { readonly kind: string; readonly line?: string };
    if (record.kind === 'line') {
      current = record.line ?? '';
      lines.set(current, { events: [], text: '' });
    }
    const line = lines.get(current);
    if (record.kind !== 'event' || line === undefined) continue;
    line.events.push(record as EvidenceEvent);
    line.text += `${text}\n`;
  }
  return new Map(
    [...lines].map(([id, { events, text }]) => {
      return [id, { events, sha256: createHash('sha256').update(text).digest('hex') }];
    }),
  );
}
