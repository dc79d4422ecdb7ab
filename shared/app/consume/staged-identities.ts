import { identityKey } from '../../domain/events/staged-entry.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { getStagedChunk } from './staged-chunk.ts';

/** `identityKey` of every event that a chunk was staged with. Throws where the chunk is not there: staged means that it is. */
export function readStagedIdentities(deps: {
  readonly objects: ObjectStore;
}): (chunk: string) => Promise<ReadonlySet<string>> {
  return async (chunk) => {
    const { entries } = await getStagedChunk(deps.objects, chunk);
    const events = entries.flatMap((entry) => (entry.kind === 'event' ? [entry] : []));
    return new Set(
      events.map(({ tenant, event }) => identityKey({ tenant, source: event.source, id: event.id })),
    );
  };
}
