import { JOB_LIMITS } from './job-limits.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 86_400 * SECOND_MS;

/** Bounds of everything that can grow. Bytes, counts and milliseconds as the names say. */
export const LIMITS = {
  /** A decoded request body: below the 6 MB of a Lambda payload after base64. */
  requestBodyBytes: 1_000_000,
  /** Bodies other than event batches: configuration is small. */
  configurationBodyBytes: 256 * KIB,
  eventsPerRequest: 1_000,
  eventBytes: 64 * KIB,
  eventIdLength: 256,
  eventSourceLength: 256,
  eventTypeLength: 128,
  customerReferenceLength: 256,
  /** Deeper JSON costs stack in every parser behind us. */
  propertyDepth: 16,
  /** Acceptance of `time` relative to the tenant's clock. */
  eventPastMs: 30 * DAY_MS,
  eventFutureMs: 5 * MINUTE_MS,

  envelopeCompressedBytes: 256 * KIB,
  envelopeRawBytes: 4 * MIB,
  envelopeHeaderBytes: 16 * KIB,
  /** Sequence numbers that one envelope may list as never acknowledged. */
  envelopeUnacknowledged: 256,
  lanes: 64,
  subLanesMax: 16,

  /** Kinesis PutRecords. */
  streamRecordsPerPut: 500,
  streamRecordBytes: MIB,
  streamPutBytes: 5 * MIB,
  streamPutAttempts: 4,
  streamPartitionKeyLength: 256,
  streamReadRecords: 10_000,
  /** Data and keys of one read: what a Lambda payload can carry. */
  streamReadBytes: 6 * MIB,
  /** Each has a poller of its own; embedded, they share one disk. */
  streamShards: 64,
  streamRetentionMs: 7 * DAY_MS,
  /** Records deleted by one commit of the embedded stream, and by one call: the event loop stands still meanwhile. */
  streamTrimStep: 256,
  streamTrimRecords: 100_000,
  /** What may wait for the embedded stream's next commit; beyond, records are throttled as Kinesis does. */
  streamWaitingBytes: 64 * MIB,

  /** S3 allows 1,024 bytes of key and 1,000 keys a page; a file name has 255 bytes, and a folder's one marker. */
  objectKeyBytes: 1_024,
  objectKeySegmentBytes: 254,
  objectListKeys: 1_000,

  /** DynamoDB. */
  itemBytes: 400 * KIB,
  transactionItems: 100,
  transactionBytes: 4 * MIB,
  batchGetKeys: 100,
  queryItems: 1_000,
  /** A page of a query ends with the item that reaches this. */
  queryBytes: MIB,
  partitionKeyBytes: 2_048,
  sortKeyBytes: 1_024,
  attributeNameBytes: 255,
  /** Levels of an attribute's value; DynamoDB counts the attribute itself as one of its 32. */
  attributeDepth: 31,
  integerDigits: 38,
  /** Comparisons, checks and groups of one condition, and attributes of one update: an expression has 4 KiB. */
  conditionTerms: 100,
  changedAttributes: 100,

  /** DynamoDB Streams: changes and bytes of one read, and how long they are kept. */
  changeReadRecords: 1_000,
  changeReadBytes: MIB,
  changeRetentionMs: DAY_MS,
  /** Changes deleted by one commit of the embedded feed. */
  changeTrimStep: 256,

  keyLength: 64,
  nameLength: 256,
  metadataEntries: 50,
  metadataKeyLength: 64,
  metadataValueLength: 512,
  /** Replacing all of them must fit one transaction: twice this, and four more items, are at most 100. */
  subjectsPerCustomer: 48,
  metersPerTenant: 200,
  /** Definitions of a meter that plans under way may still count by. */
  earlierMeterVersions: 10,
  dimensionsPerMeter: 16,
  dimensionValueLength: 256,
  uniqueValueLength: 256,
  expressionLength: 1_024,
  scopesPerKey: 32,
  keysPerTenant: 1_000,
  pepperLengthMin: 32,
  secretLengthMin: 32,
  secretLength: 512,
  /** A revoked key works at most this much longer. */
  authCacheMs: 2_000,
  authCacheEntries: 10_000,
  requestIdLength: 128,

  /** Usual rates of a tenant, and of a key that belongs to none: more than one client on one machine asks for. */
  eventsPerSecond: 20_000,
  eventsBurst: 200_000,
  requestsPerSecond: 1_000,
  requestsBurst: 10_000,
  ratePerSecondMax: 1_000_000,
  rateBurstMax: 10_000_000,
  /** How far apart the clocks of two processes may be. */
  clockSkewMs: MINUTE_MS,
  /** Leases of one bucket that a process may write in a row; in the long run it is one a second. */
  leaseWritesAtOnce: 8,
  /** Tries of one lease while other processes write the same bucket. */
  leaseAttempts: 8,
  /** How long a process goes on without its bucket. */
  leaseGraceMs: 30 * SECOND_MS,
  /** Buckets whose leases a process remembers. */
  leasesKept: 10_000,
  /** Tries of a change whose catalogue revision somebody else raised meanwhile. */
  catalogueAttempts: 64,

  pageSizeDefault: 50,
  pageSizeMax: 100,
  usageRowsMax: 10_000,
  usageGroupsMax: 100_000,
  /** Windows of one question, over all its pages. */
  usageWindowsMax: 100_000,
  /** Each segment of a usage read is a condition of its SQL; where there would be more, finer rollups answer. */
  usageSegmentsMax: 512,
  /** Stretches of dirty hours kept apart in one read; beyond, clean hours between them are read from the rows, too. */
  usageDirtyStretchesMax: 64,
  /** Days, each of a tenant and its revision, of which a process remembers the generations that plans write. */
  generationDaysKept: 10_000,
  /** Days of one read whose rollups were made anew; beyond, the rows are read. */
  usageGenerationDaysMax: 4_000,
  /** A sliding window may overlap itself this often; each row is read once an overlap. */
  slidingOverlapMax: 1_000,

  /** Quantities: Decimal(38,12) with head room so that sums in Decimal(76,12) cannot wrap. */
  quantityIntegerDigits: 15,
  quantityScale: 12,
  /** Numeric text: room for every JSON number in plain notation, small enough that no text costs time to expand. */
  decimalTextLength: 1_024,
  decimalExponent: 400,
  /** Minor units of one amount: a DynamoDB number carries 38 digits, sums need head room. */
  moneyMinorDigits: 30,
  /** Rates and amounts of a price. */
  priceIntegerDigits: 15,
  priceScale: 12,
  /** Decimals of a rated amount: a rate times a quantity has 24. With the digits of posted money, sums stay exact. */
  ratedScale: 28,
  tiersPerPrice: 100,
  discountsPerCharge: 20,
  /** Each charge makes at least one line of every invoice, and may name a meter: one read of the store fetches all. */
  chargesPerVersion: 100,
  filterValuesPerDimension: 100,
  /** Charges of one version as JSON: one item, and one more with the answer to an idempotent request. */
  planVersionBytes: 320 * KIB,
  /** Heads of all versions stand in the plan's item: with reasons of full length they take 240 KB of it. */
  versionsPerPlan: 200,
  reasonLength: 256,
  /** Starts, anchors and effects, 2000-01-01 to 2100-01-01: periods stay within the years that text can say. */
  billingEarliestMs: 946_684_800_000,
  billingLatestMs: 4_102_444_800_000,
  /** Canonical JSON is written recursively. */
  canonicalJsonDepth: 64,
  /** Steps kept of a path into a JSON text: deeper values are refused for their depth anyway. */
  jsonPathSteps: 32,

  /** Customers, or spans of them, of one question: 100 KB of its parameters. */
  snapshotCustomers: 1_000,
  /** Lines of one question: all charges of a version. */
  snapshotLines: 100,
  /** Charges that are priced by one read of usage, and rows of one write or page of them. */
  pricedRows: 10_000,
  /** Rows of one page of evidence, and of lines that are proved together: with 16 dimensions of full length, up to 100 MB. */
  evidencePageRows: 20_000,
  /** Events counted more than once that one question lists, and the customers and times of each of them. */
  duplicatesListed: 1_000,
  duplicatePlaces: 100,
  /** Lines of one printed invoice: some 300 pages, made in memory within seconds. */
  invoicePdfLines: 10_000,

  /** Of one answer with evidence: as base64 below the 6 MB of a Lambda payload. */
  evidencePieceBytes: 4_000_000,
  /** One record of an evidence file; the longest is a plan version. */
  evidenceRecordBytes: MIB,
  /** An invoice that is verified, read whole: some 10,000 lines with their tiers. */
  invoiceFileBytes: 64 * MIB,

  claimHorizonMs: 45 * DAY_MS,
  /** Ids carry times in [2020, 2100): what else looks like a time is none. */
  idTimeEarliestMs: 1_577_836_800_000,
  idTimeEndMs: 4_102_444_800_000,
  /** Clocks differ, and a chunk is settled a while after it was read. */
  claimMarginMs: DAY_MS,
  claimsInFlight: 256,
  /** DynamoDB reads 4 KiB for one unit; a full slot of packed claims holds some 500. */
  slotBytes: 4 * KIB,
  slotsInFlight: 64,
  /** Tries at one slot that others write at the same time; each of theirs that comes first settles something. */
  slotAttempts: 256,
  /** Slots that a process remembers: 16 MB at most. */
  slotsKept: 4_000,
  /** Tenants whose choice of claims a process remembers. */
  claimsChoicesKept: 20_000,
  /** Staged chunks read at once to see whether they hold what a slot says: megabytes each. */
  stagedInFlight: 4,
  ...JOB_LIMITS,
  idempotencyKeyLength: 255,
  idempotencyTtlMs: DAY_MS,

  /** One row of a file, and so what a quote that is never closed can cost. */
  importRowBytes: MIB,
  /** Half of what the server takes: an import killed at any moment sends less than one full batch twice. */
  importRequestEvents: 500,
  /** Rows that one step of an import may span, however many of them are broken. */
  importStepRows: 10_000,
  importMappings: 200,
  /** Further ones are only counted, or listed in the file of errors. */
  importProblemsShown: 100,
  importAnswerBytes: 4 * MIB,
  /** Tries without any progress before an import stops; with the pauses between them about two minutes. */
  importAttempts: 14,
  importRequestMs: 60 * SECOND_MS,
  /** One answer of a download: the largest is a piece of evidence. */
  downloadAnswerBytes: 8 * MIB,
  /** Tries of one request of a download; with the pauses between them about half a minute. */
  downloadAttempts: 8,
  importPauseMinMs: 250,
  importPauseMaxMs: 15 * SECOND_MS,
  importRetryAfterMaxMs: MINUTE_MS,

  /** Bounds what planning holds in memory; an envelope is never divided, so a chunk may be one envelope larger. */
  chunkEvents: 5_000,
  /** No insert or apply starts later than this after the executor's read of its chunk. */
  chunkExecutionMs: 60 * SECOND_MS,
  /** Another executor may take a chunk over this long after the last read: twice the above, for clock skew. */
  chunkTakeoverMs: 120 * SECOND_MS,
  /** Tries of one part of a chunk that the store refuses, before the part is parked. */
  partAttempts: 5,
  sweepChunks: 1_000,

  /** What Step Functions takes: a state's input or output, and the items of an inline Map that its history can hold. */
  stateDataBytes: 256 * KIB,
  mapItems: 1_000,
  /** With an output of full size, one execution is one item. */
  executionInputBytes: 64 * KIB,
  executionNameLength: 80,
  executionCauseLength: 1_024,
  /** Embedded; further ones wait, and beyond the second none is started. */
  executionsInFlight: 16,
  executionsOpen: 10_000,

  /** Due items of one page of an invoicing run: one read of the store fetches what they name. */
  invoicePageItems: 100,
  /** Periods of one subscription that one run closes; what is beyond stays due. */
  closingsPerRun: 1_000,
  /** Lines of one invoice as text in its item; beyond, they are an object. */
  invoiceLinesBytes: 300 * KIB,
  invoiceGraceMs: DAY_MS,
  /** Lines that could not be made before and that one closing tries again: each is a question to analytics. */
  quarantinedLinesPerClosing: 1_000,
  /** Touched periods that one closing counts again, and forgets with one transaction. */
  touchedPeriodsPerClosing: 50,
  /** Written with one transaction, which may also make a follow-up due. */
  periodsTouchedAtOnce: 90,
  /** How long after its last closing a subscription that ended is billed what could not be billed until then. */
  followUpMs: DAY_MS,
  /** From issue to when an invoice is due. */
  invoiceTermMs: 30 * DAY_MS,
  /** Numbered by one transaction: three operations each, and the counter. */
  invoicesPerNumbering: 33,
  /** Read for one page of a list, of which most may be left out. */
  invoicesReadPerPage: 1_000,
  /** An advance answers before HTTP APIs end the request; asking again goes on with it. */
  clockAdvanceMs: 25 * SECOND_MS,
  fenceIntervalMs: 10 * SECOND_MS,
} as const;
