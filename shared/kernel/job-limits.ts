const KIB = 1024;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 86_400 * SECOND_MS;

/** Bounds of what changes events that were counted before; a part of LIMITS. */
export const JOB_LIMITS = {
  /** One call of the schedule that takes jobs on, and the jobs that it looks at at once. */
  jobsRunMs: 25 * SECOND_MS,
  jobsPerRun: 100,
  /** Names of customers that one job looks for: with names of full length, half of an item. */
  jobReferences: 500,
  /** Events of one backfill, and of one request of it, which is one page of its job. */
  backfillEvents: 5_000_000,
  backfillRequestEvents: 500,
  /** Days of UTC that one rebuild makes anew: a transaction begins all of them. */
  rebuildDaysMax: 31,
  /** A day is not rebuilt by itself before this long after its end, nor again before so many of these as it was rebuilt. */
  rebuildQuietMs: 3_600 * SECOND_MS,
  rebuildRestMs: 3_600 * SECOND_MS,
  rebuildRestMaxMs: DAY_MS,
  /** Doubles with each failure of a rebuild. */
  rebuildPauseMs: MINUTE_MS,
  rebuildPauseMaxMs: DAY_MS,
  /** Begun by one call of the schedule, out of as many dirty hours as it looks at. */
  rebuildsPerRun: 20,
  dirtyHoursPerRun: 5_000,
  /** How long one statement of a rebuild may be out: twice what the engine gives it. */
  foldLeaseMs: 120 * SECOND_MS,
  /** Pages of a job that a preview looks at. */
  previewPages: 20,
  /** Customers whose billing periods a preview lists. */
  previewCustomers: 100,
  /** Events of one page of a job: each is looked at by itself. */
  jobPageEvents: 500,
  /** Of one event, by revision. */
  correctionsPerEvent: 100,
  /** A chain's content in its item; beyond, it is an object. */
  chainBytes: 256 * KIB,
  /** Chunks whose outcome a chain remembers while they may still have to plan. */
  chainLinksKept: 16,
  /** Tries of a chain that others extend at the same time. */
  chainAttempts: 16,
} as const;
