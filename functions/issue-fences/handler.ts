import { type FenceDeps, issueFences } from '../../shared/app/fences/issue-fences.ts';

/** Puts the periodic fence into every lane. Called by a schedule; the event carries nothing. */
export function createHandler(deps: FenceDeps & { readonly issuer: string; readonly leaseMs: number }) {
  const issue = issueFences(deps);
  return async (): Promise<{ readonly number: number | null }> => await issue();
}
