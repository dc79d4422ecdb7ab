import type { ConsumeDeps } from '../../shared/app/consume/consume-deps.ts';
import { type Swept, sweepChunks } from '../../shared/app/sweep/sweep-chunks.ts';

/** Finishes open chunks. Called by a schedule; `force` only by the embedded server when it starts. */
export function createHandler(deps: ConsumeDeps & { readonly onSwept: (swept: Swept) => void }) {
  const sweep = sweepChunks(deps);
  return async (event: { readonly force?: boolean } = {}): Promise<Swept> => {
    const swept = await sweep({ force: event.force === true });
    deps.onSwept(swept);
    return swept;
  };
}
