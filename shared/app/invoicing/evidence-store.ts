import { Buffer } from 'node:buffer';
import { sha256Hex } from '../../kernel/hash.ts';
import { dayText } from '../../kernel/time.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { InvoiceRecord } from '../records/invoice.ts';

/** Where an evidence file lies: in an object, from `evidenceStart` to before `evidenceEnd`, or all of it where these are null. */
export type EvidencePlace = Pick<InvoiceRecord, 'evidenceObject' | 'evidenceStart' | 'evidenceEnd'>;

/**
 * Keeps the evidence files of invoices that become final together, in one object: a thousand small ones take longer to make than
 * everything else. It is named by what it holds, so that a run that comes too late never writes over what another has made final.
 */
export async function storeEvidence(
  objects: ObjectStore,
  owner: { readonly tenant: string; readonly dueAtMs: number },
  files: readonly { readonly text: string; readonly sha256: string }[],
): Promise<readonly EvidencePlace[]> {
  if (files.length === 0) return [];
  const digest = sha256Hex(files.map(({ sha256 }) => sha256).join());
  const evidenceObject = `invoices/${owner.tenant}/evidence/${dayText(owner.dueAtMs)}/${digest}.ndjson`;
  const bodies = files.map(({ text }) => Buffer.from(text));
  await objects.put({ key: evidenceObject, body: Buffer.concat(bodies), ifAbsent: true });
  if (files.length === 1) return [{ evidenceObject, evidenceStart: null, evidenceEnd: null }];
  let evidenceEnd = 0;
  return bodies.map(({ byteLength }) => {
    const evidenceStart = evidenceEnd;
    evidenceEnd += byteLength;
    return { evidenceObject, evidenceStart, evidenceEnd };
  });
}
