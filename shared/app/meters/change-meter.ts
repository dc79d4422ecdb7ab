import { TABLES } from '../../contracts/names.ts';
import { compileMeter, type MeterDefinition } from '../../domain/metering/meter.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { appError, type FieldIssue } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { readRevision } from '../catalogue/read-revision.ts';
import { type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import { fieldIssuesError } from '../field-issues.ts';
import { repriceMeter } from '../pricing/repricing-operations.ts';
import { raiseRevision } from '../records/catalogue-revision.ts';
import { type MeterRecord, meterToItem } from '../records/meter.ts';
import { readMeter } from './read-meter.ts';

interface ChangeMeterInput {
  readonly tenant: string;
  readonly key: string;
  readonly ifMatch: number;
  readonly changes: Partial<Pick<MeterRecord, 'name' | 'unit' | 'metadata'>>;
  /** What of the definition becomes another: then it is a new version. */
  readonly definition: Partial<MeterDefinition>;
}

/**
 * A new version counts the events that are planned from then on; earlier ones stay as they were counted until they are
 * backfilled. Dimensions are only ever added: prices and filters name them. Errors `meter.not_found`, `meter.archived`,
 * `meter.dimension_dropped`, `request.precondition_failed`, and those of the definition, each with its field.
 */
export function changeMeter(
  deps: ConfigurationDeps,
): (input: ChangeMeterInput) => Promise<Result<MeterRecord>> {
  return (input) =>
    retryRaces(deps, async () => {
      const { items } = deps;
      const current = await readMeter({ items, tenant: input.tenant, key: input.key });
      if (!current.ok) return current;
      if (current.value.etag !== input.ifMatch) return err(appError('request.precondition_failed'));
      const changed = changedDefinition(current.value, input.definition);
      if (!changed.ok) return changed;
      const read = await readRevision(items, input.tenant);
      const { outcome, raises } = planChange(input, {
        current: current.value,
        definition: changed.value,
        read,
      });
      const condition = { kind: 'equal', name: 'etag', value: input.ifMatch } as const;
      const item = meterToItem(input.tenant, outcome);
      const operations = [
        { op: 'put', table: TABLES.main, item, condition } as const,
        ...(raises
          ? [raiseRevision({ tenant: input.tenant, read }), repriceMeter(input.tenant, outcome)]
          : []),
      ];
      const written = await commit({ items, operations, outcome, alongside: undefined });
      if (written.ok) return written;
      if (!isRefusals(written.error)) return err(written.error);
      return written.error[0] === null ? 'raced' : err(appError('request.precondition_failed'));
    });
}

function changedDefinition(current: MeterRecord, changes: Partial<MeterDefinition>): Result<MeterDefinition> {
  const definition = { ...current.definition, ...changes };
  if (canonicalJson(definition) === canonicalJson(current.definition)) return ok(current.definition);
  if (current.archivedRevision !== null) return err(appError('meter.archived'));
  const dropped = Object.keys(current.definition.groupBy).filter(
    (name) => !Object.hasOwn(definition.groupBy, name),
  );
  const issues = dropped.map((name): FieldIssue => {
    const message = 'prices and filters may name the dimension';
    return { path: `groupBy.${name}`, code: 'meter.dimension_dropped', message };
  });
  if (issues.length > 0) return err(fieldIssuesError(issues));
  const compiled = compileMeter(definition);
  return compiled.ok ? ok(definition) : err(fieldIssuesError(compiled.error));
}

function planChange(
  { changes, ifMatch }: ChangeMeterInput,
  input: { readonly current: MeterRecord; readonly definition: MeterDefinition; readonly read: number },
): { readonly outcome: MeterRecord; readonly raises: boolean } {
  const { current, definition, read } = input;
  const renamed = { ...current, ...changes, etag: ifMatch + 1 };
  if (definition === current.definition) return { outcome: renamed, raises: false };
  const { version, revision } = current;
  const earlier = [{ version, revision, definition: current.definition }, ...current.earlier];
  return {
    outcome: {
      ...renamed,
      definition: { ...definition, groupBy: { ...definition.groupBy } },
      version: version + 1,
      revision: read + 1,
      earlier: earlier.slice(0, LIMITS.earlierMeterVersions),
    },
    raises: true,
  };
}
