import { defined } from '../../kernel/assert.ts';
import { monthPartition } from '../../kernel/time.ts';
import type { PlannedChain } from '../corrections/chain.ts';
import { eventFingerprint } from '../events/event.ts';
import { identityKey, type StagedEntry } from '../events/staged-entry.ts';
import { planChain } from './chain-rows.ts';
import { type CatalogueSnapshot, countEvent } from './count-event.ts';
import type { GenerationOf } from './generations.ts';
import {
  eventRow,
  type PlanOrigin,
  type PlanRows,
  quarantineRow,
  resendRow,
  type StagedEvent,
  unreadableRow,
  usageRow,
} from './plan-rows.ts';
import { ANALYTICS_TABLES, type AnalyticsTable, type RowsByTable } from './rows.ts';

/** What a chunk will do, decided once. Every later step, replay and reconciliation execute or read only this. */
export interface ChunkPlan {
  readonly v: 2;
  readonly chunk: string;
  readonly plannedAtMs: number;
  readonly revisions: Readonly<Record<string, number>>;
  /** Whether rows may be older than what is accepted from clients. */
  readonly anyTime: boolean;
  readonly rows: { readonly [T in AnalyticsTable]: readonly RowsByTable[T][] };
  readonly parts: readonly PlannedPart[];
}

export interface PlannedPart {
  readonly table: AnalyticsTable;
  readonly partition: string;
  readonly rows: number;
  /** XOR of the rows' hashes, decimal. */
  readonly fingerprint: string;
}

export interface PlanInput {
  readonly chunk: string;
  readonly plannedAtMs: number;
  readonly entries: readonly StagedEntry[];
  /** Identity key to the chunk that owns it; every event of the chunk is in it. */
  readonly owners: ReadonlyMap<string, string>;
  /** Identity key to the owner's fingerprint, for identities that another chunk owns. */
  readonly ownerFingerprints: ReadonlyMap<string, string>;
  readonly catalogues: ReadonlyMap<string, CatalogueSnapshot>;
  /** What the chunk's corrections and recounts do, by event. */
  readonly chains: readonly PlannedChain[];
  readonly generationOf: GenerationOf;
}

/** Decides for each entry of a chunk whether it counts, is a resend, or is quarantined, and makes the rows. */
export function planChunk(input: PlanInput): ChunkPlan {
  const rows: PlanRows = { events: [], usage: [], resends: [], quarantine: [], changes: [] };
  const firsts = new Map<string, string>();
  for (const entry of input.entries) {
    if (entry.kind === 'unreadable') {
      rows.quarantine.push(unreadableRow(originIn(input, entry), entry));
      continue;
    }
    if (entry.kind !== 'event') continue;
    if (entry.owner !== undefined) {
      const { chunk: owner, fingerprint: ownerFingerprint } = entry.owner;
      const found = { owner, fingerprint: eventFingerprint(entry.event), ownerFingerprint };
      rows.resends.push(resendRow(originIn(input, entry), entry, found));
      continue;
    }
    const key = identityKey({ tenant: entry.tenant, source: entry.event.source, id: entry.event.id });
    const owner = defined(input.owners.get(key), 'the owner of a planned event');
    const fingerprint = eventFingerprint(entry.event);
    const firstFingerprint = owner === input.chunk ? firsts.get(key) : input.ownerFingerprints.get(key);
    if (owner === input.chunk && firstFingerprint === undefined) {
      firsts.set(key, fingerprint);
      planOwned(input, entry, fingerprint, rows);
    } else {
      const ownerFingerprint = defined(firstFingerprint, "the owner's fingerprint of a resend");
      rows.resends.push(resendRow(originIn(input, entry), entry, { owner, fingerprint, ownerFingerprint }));
    }
  }
  for (const chain of input.chains) planChain(input, chain, rows);
  const revisions = Object.fromEntries(
    [...input.catalogues].map(([tenant, { revision }]) => [tenant, revision]),
  );
  return {
    v: 2,
    chunk: input.chunk,
    plannedAtMs: input.plannedAtMs,
    revisions,
    anyTime:
      input.entries.some((entry) => entry.kind === 'event' && entry.anyTime === true) ||
      rows.changes.length > 0,
    rows,
    parts: listParts(rows),
  };
}

function planOwned(input: PlanInput, entry: StagedEvent, fingerprint: string, rows: PlanRows): void {
  const catalogue = defined(input.catalogues.get(entry.tenant), 'the catalogue of a planned tenant');
  const { customer, status, reason, ...counted } = countEvent(catalogue, entry.event);
  const from = originIn(input, entry);
  for (const refusal of counted.refusals)
    rows.quarantine.push(quarantineRow(from, entry, { ...refusal, customer }));
  for (const row of counted.rows) {
    rows.usage.push(usageRow(from, entry.event, { ...row, sign: 1 }, input.generationOf));
  }
  rows.events.push(eventRow(from, entry, { link: 0, fingerprint, customer, status, reason }));
}

function originIn({ chunk, catalogues }: PlanInput, { tenant, fence }: StagedEntry): PlanOrigin {
  return { tenant, chunk, fence, revision: catalogues.get(tenant)?.revision ?? 0 };
}

function listParts(rows: PlanRows): PlannedPart[] {
  const parts = new Map<string, { table: AnalyticsTable; partition: string; rows: number; xor: bigint }>();
  for (const table of ANALYTICS_TABLES) {
    for (const row of rows[table]) {
      const partition = monthPartition(row.timeMs);
      const part = parts.get(`${table}/${partition}`) ?? { table, partition, rows: 0, xor: 0n };
      part.rows += 1;
      part.xor ^= BigInt(row.rowHash);
      parts.set(`${table}/${partition}`, part);
    }
  }
  return [...parts.values()].map(({ xor, ...part }) => ({ ...part, fingerprint: xor.toString() }));
}
