import { raiseSubLanes } from '../../shared/app/fences/raise-sub-lanes.ts';
import { startAttributions } from '../../shared/app/jobs/attributions.ts';
import { type RunJobsDeps, runJobs } from '../../shared/app/jobs/run-jobs.ts';
import { startRebuilds } from '../../shared/app/jobs/start-rebuilds.ts';

type Deps = RunJobsDeps & Parameters<typeof startAttributions>[0];

/** Takes long work on. Called by a schedule; the event carries nothing. */
export function createHandler(deps: Deps) {
  const attribute = startAttributions(deps);
  const rebuild = startRebuilds(deps);
  const run = runJobs(deps);
  return async (): Promise<{ readonly open: number }> => {
    await attribute();
    await rebuild();
    await raiseSubLanes(deps.items);
    return await run();
  };
}
