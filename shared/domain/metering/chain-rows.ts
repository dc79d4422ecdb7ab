import { canonicalJson } from '../../kernel/canonical-json.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { PlannedChain, StandingRow } from '../corrections/chain.ts';
import { eventFingerprint, type UsageEvent } from '../events/event.ts';
import type { GenerationOf } from './generations.ts';
import { eventRow, hashed, originOf, type PlanRows, quarantineRow, usageRow } from './plan-rows.ts';
import type { ChangeRow } from './rows.ts';

/** The rows of what a chunk does to an event that was counted before. */
export function planChain(
  input: { readonly chunk: string; readonly generationOf: GenerationOf },
  chain: PlannedChain,
  rows: PlanRows,
): void {
  const { chunk, generationOf } = input;
  const { tenant, source, id, entry, outcome } = chain;
  const { fence, revision, link, refused } = outcome;
  const from = { tenant, chunk, fence, revision };
  const count = (row: StandingRow, sign: 1 | -1) => {
    const { fence: _fence, ...counted } = row;
    rows.usage.push(usageRow(from, { source, id }, { ...counted, sign }, generationOf));
  };
  for (const row of outcome.negated) count(row, -1);
  for (const row of outcome.added) count(row, 1);
  for (const version of outcome.events) {
    const { customer, status, reason } = version;
    const fingerprint = eventFingerprint(version.event);
    rows.events.push(eventRow(from, version, { link, fingerprint, customer, status, reason }));
  }
  if (refused !== null) {
    const { customer, refusals, ...arrived } = refused;
    for (const refusal of refusals) {
      rows.quarantine.push(quarantineRow(from, { ...arrived, entry }, { ...refusal, customer }));
    }
  }
  for (const change of outcome.changes) {
    const { revision: correction, action, status, reason, job, fingerprint, receivedAtMs: timeMs } = change;
    const decided = { correction, action, status, reason, job, fingerprint, timeMs };
    const payload = change.event === null ? '' : payloadOf(change.event);
    rows.changes.push(hashed<ChangeRow>({ ...originOf(from), source, id, link, ...decided, payload }));
  }
}

function payloadOf({ type, customer, timeMs, timeSent, properties }: UsageEvent): string {
  return canonicalJson({ type, customer, time: timeSent ? formatInstant(timeMs) : null, properties });
}
