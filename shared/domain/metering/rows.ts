/**
 * The rows that a plan hands to analytics. Times are epoch ms, quantities decimal strings with at most 12 places,
 * `chunk` the chunk that owns the row, `fence` the number of the fence that its envelope lies behind.
 */
interface RowOrigin {
  readonly tenant: string;
  readonly chunk: string;
  readonly fence: number;
  /** The tenant's catalogue revision that the plan was made with. */
  readonly revision: number;
  /** 64 bits of the row's own hash, in decimal: parts are compared by the XOR of these. */
  readonly rowHash: string;
}

/** `superseded`: the event is no more as this row has it, and not listed by it. */
export const EVENT_STATUSES = ['counted', 'unattributed', 'quarantined', 'revoked', 'superseded'] as const;
export type EventStatus = (typeof EVENT_STATUSES)[number];

/** One row an event that was accepted and is not a resend, and one more whenever it became another. */
export interface EventRow extends RowOrigin {
  /** 0 for the first. Of those of one place (customer, type, time, identity) only the greatest says something. */
  readonly link: number;
  readonly source: string;
  readonly id: string;
  readonly type: string;
  /** The customer's key; '' while unattributed. */
  readonly customer: string;
  /** The customer's key or subject as it was sent. */
  readonly customerReference: string;
  readonly timeMs: number;
  /** False: the client sent no time and `timeMs` is the receive time. */
  readonly timeSent: boolean;
  readonly receivedAtMs: number;
  /** Canonical JSON (RFC 8785) of the properties. */
  readonly properties: string;
  /** SHA-256 in hex of the canonical {type, customer, time as sent or null, properties}. */
  readonly fingerprint: string;
  readonly status: EventStatus;
  /** The error code that explains a status other than counted, else ''. */
  readonly reason: string;
}

/** One row an event and meter that counts it. */
export interface UsageRow extends RowOrigin {
  readonly meter: string;
  readonly meterVersion: number;
  readonly customer: string;
  readonly source: string;
  readonly id: string;
  readonly timeMs: number;
  readonly quantity: string;
  /** The value that unique_count counts, else ''. */
  readonly uniqueKey: string;
  /** Canonical JSON of the declared dimensions, string to string; absent ones are left out. */
  readonly dimensions: string;
  /** Which rollups count the row: those of its meter and UTC day are made anew as another generation. */
  readonly generation: number;
  /** 1, or -1 for a row that takes back what an earlier revision counted. */
  readonly sign: 1 | -1;
}

/** One row a resend of an event that another delivery owns. */
export interface ResendRow extends RowOrigin {
  readonly source: string;
  readonly id: string;
  readonly ownerChunk: string;
  /** Whether the payload differs from the owner's: then it is a conflict. */
  readonly differs: boolean;
  readonly type: string;
  readonly customerReference: string;
  readonly timeMs: number;
  readonly timeSent: boolean;
  readonly receivedAtMs: number;
  readonly properties: string;
  readonly fingerprint: string;
  readonly ownerFingerprint: string;
}

/** One row an event and meter that found it wrong, or (meter '') a record that cannot be read at all. */
export interface QuarantineRow extends RowOrigin {
  /** Identity of the entry: the same whenever the same record is delivered again. */
  readonly entry: string;
  readonly meter: string;
  readonly source: string;
  readonly id: string;
  readonly customer: string;
  readonly type: string;
  readonly timeMs: number;
  readonly receivedAtMs: number;
  readonly code: string;
  readonly message: string;
  /** The event's properties, or what could be read of the record (at most 4 KiB, base64). */
  readonly content: string;
}

export const CHANGE_ACTIONS = ['amend', 'revoke', 'attribute', 'recount', 'revert'] as const;
export const CHANGE_STATUSES = ['applied', 'waiting', 'conflict'] as const;

/** One row a change of an event that was counted before: a correction, or what a job did to it. */
export interface ChangeRow extends RowOrigin {
  readonly source: string;
  readonly id: string;
  /** Orders the changes of one event. */
  readonly link: number;
  /** The client's; 0 for what a job did. */
  readonly correction: number;
  readonly action: (typeof CHANGE_ACTIONS)[number];
  readonly status: (typeof CHANGE_STATUSES)[number];
  readonly reason: string;
  /** '' for a correction. */
  readonly job: string;
  readonly fingerprint: string;
  /** When the change was received. */
  readonly timeMs: number;
  /** Canonical JSON of {type, customer, time, properties} as amended, else ''. */
  readonly payload: string;
}

export interface RowsByTable {
  readonly events: EventRow;
  readonly usage: UsageRow;
  readonly resends: ResendRow;
  readonly quarantine: QuarantineRow;
  readonly changes: ChangeRow;
}

export type AnalyticsTable = keyof RowsByTable;
export const ANALYTICS_TABLES: readonly AnalyticsTable[] = [
  'events',
  'usage',
  'resends',
  'quarantine',
  'changes',
];
