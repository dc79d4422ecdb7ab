import { z } from 'zod';
import { formatInstant } from '../../kernel/time.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat, present } from './item-format.ts';

/** All jobs under way are found under this owner in the index, oldest first. */
export const OPEN_JOBS_OWNER = 'jobs';

export function jobsPartition(tenant: string): string {
  return `tenant#${tenant}#jobs`;
}

export function jobKey(tenant: string, id: string): ItemKey {
  return { pk: jobsPartition(tenant), sk: id };
}

const positionSchema = z.object({ timeMs: epochMs, source: z.string(), id: z.string() });

const subjectSchema = z.discriminatedUnion('kind', [
  /** Events of these names, which were nobody's before. */
  z.object({ kind: z.literal('attribution'), references: z.array(z.string()).readonly() }),
  /** Events of [fromMs, toMs) that an earlier definition of the meter counted, or none. */
  z.object({
    kind: z.literal('meter_backfill'),
    meter: z.string(),
    version: z.int(),
    eventTypes: z.array(z.string()).readonly(),
    fromMs: epochMs,
    toMs: epochMs,
  }),
  /** Batches of a backfill, counted, or taken back as `applyJob` counted them. */
  z.object({ kind: z.literal('backfill_apply'), backfill: z.string(), batches: z.int() }),
  z.object({
    kind: z.literal('backfill_revert'),
    backfill: z.string(),
    applyJob: z.string(),
    batches: z.int(),
  }),
  /** The meter's rollups of these UTC days, of which each is a start. */
  z.object({ kind: z.literal('rebuild'), meter: z.string(), days: z.array(epochMs).readonly() }),
]);

/** How far a rebuild is; days go one after the other. */
const rebuildSchema = z.object({
  /** Days whose new rollups are not in force yet, in the order in which they are made. */
  left: z.array(epochMs).readonly(),
  /** Of the first of them: everything before this hour is in its new rollups. Null: nothing is. */
  foldedToMs: epochMs.nullable(),
  /**
   * A statement was sent for that hour, and until then whoever sent it may be waiting for its answer: afterwards nobody will
   * ever know what became of it. Null: none is out.
   */
  sentUntilMs: epochMs.nullable(),
  /** New rollups that were given up. */
  failures: z.int(),
  /** After a failure: not before this instant. */
  notBeforeMs: epochMs,
});

const jobItem = z.object({
  v: itemFormat,
  id: z.string(),
  tenant: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'canceled']),
  subject: subjectSchema,
  /** The catalogue revision from which on plans know what the job is for: it counts what was planned before. */
  revision: z.int(),
  /** Nothing is counted before this fence has passed; null until it is known. */
  fence: z.int().nullable().default(null),
  /** Pages sent, and where the last one ended. */
  pages: z.int().default(0),
  cursor: positionSchema.nullable().default(null),
  /** The chunk that the last page becomes; null where none is under way. */
  chunk: z.string().nullable().default(null),
  /** Events looked at. */
  events: z.int().default(0),
  createdAtMs: epochMs,
  endedAtMs: epochMs.nullable().default(null),
  /** Why it ended, or of a rebuild why its rollups were last given up. */
  error: z.string().nullable().default(null),
  /** Of a rebuild only. */
  rebuild: rebuildSchema.nullable().default(null),
  /** How often it was moved on: of several who read it one does. */
  moves: z.int().default(0),
});

/** Long work on events that were counted before: page by page, so that it goes on wherever it was stopped. */
export type JobRecord = Readonly<Omit<z.output<typeof jobItem>, 'v'>>;
export type JobSubject = JobRecord['subject'];
export type RebuildProgress = NonNullable<JobRecord['rebuild']>;

export function isOpenJob({ state }: Pick<JobRecord, 'state'>): boolean {
  return state === 'waiting' || state === 'running';
}

export function jobToItem(record: JobRecord): Item {
  const { tenant, id, createdAtMs } = record;
  const owner = { ownerPk: OPEN_JOBS_OWNER, ownerSk: `${formatInstant(createdAtMs)}#${tenant}#${id}` };
  return {
    ...jobKey(tenant, id),
    ...(isOpenJob(record) ? owner : {}),
    v: ITEM_FORMAT,
    ...present({
      ...record,
      subject: present(record.subject),
      cursor: record.cursor && present(record.cursor),
      rebuild: record.rebuild && { ...record.rebuild },
    }),
  };
}

/** Throws when the item is not a job: then the store holds something we never wrote. */
export function jobFromItem(item: Item): JobRecord {
  const { v: _format, ...record } = jobItem.parse(item);
  return record;
}
