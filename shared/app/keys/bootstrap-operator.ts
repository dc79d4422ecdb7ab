import { TABLES } from '../../contracts/names.ts';
import { appError } from '../../kernel/errors.ts';
import { err, type Result } from '../../kernel/result.ts';
import { type IssuedKey, type IssueKeyDeps, issueKey } from './issue-key.ts';

/** Exists from the first operator key on, so that of two bootstraps at once only one makes a key. */
const MARKER = { pk: 'operator', sk: 'bootstrapped' };

/**
 * Makes the first key of an installation: an operator's, of no tenant. Error `cli.operator_exists` where it was made
 * before, unless `additional` asks for a further one: whoever holds the store may always let themselves in.
 */
export function bootstrapOperator(
  deps: IssueKeyDeps,
): (input: { readonly additional: boolean }) => Promise<Result<IssuedKey>> {
  return async ({ additional }) => {
    const marker = { op: 'put', table: TABLES.main, item: MARKER } as const;
    const issued = await issueKey(deps)({
      name: 'operator',
      tenant: null,
      mode: 'live',
      scopes: ['operator'],
      alongside: () => [additional ? marker : { ...marker, condition: { kind: 'item_absent' } }],
    });
    // The only thing that can stand in the way beside the key itself is the marker.
    if (!issued.ok && issued.error.code === 'idempotency.in_progress')
      return err(appError('cli.operator_exists'));
    return issued;
  };
}
