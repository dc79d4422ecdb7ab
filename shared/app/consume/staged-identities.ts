import { identityKey, type StagedEntry } from '../../domain/events/staged-entry.ts';
import { unreachable } from '../../kernel/assert.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { getStagedChunk } from './staged-chunk.ts';

/**
 * `identityKey` of every event that a chunk may have claimed: those it was staged with, and those whose correction it was
 * staged with. Throws where the chunk is not there: staged means that it is.
 */
export function readStagedIdentities(deps: {
  readonly objects: ObjectStore;
}): (chunk: string) => Promise<ReadonlySet<string>> {
  return async (chunk) => {
    const { entries } = await getStagedChunk(deps.objects, chunk);
    return new Set(entries.flatMap(claimedBy));
  };
}

function claimedBy(entry: StagedEntry): readonly string[] {
  const { kind, tenant } = entry;
  switch (kind) {
    case 'event':
      // Another chunk owns it, as the tables say: nobody asked for its claim.
      if (entry.owner !== undefined) return [];
      return [identityKey({ tenant, source: entry.event.source, id: entry.event.id })];
    case 'correction':
      return [identityKey({ tenant, source: entry.correction.source, id: entry.correction.id })];
    case 'recount':
    case 'unreadable':
      return [];
    default:
      return unreachable(kind);
  }
}
