import type { UsageEvent } from '../events/event.ts';
import type { CountedEvent, CountedRow } from '../metering/count-event.ts';
import type { ChangeRow, EventStatus } from '../metering/rows.ts';
import type { Correction } from './correction.ts';

/** A row that counts now, and the fence that it was counted behind. */
export interface StandingRow extends CountedRow {
  readonly fence: number;
}

/** A correction whose predecessor has not arrived yet. */
export interface WaitingCorrection {
  readonly correction: Correction;
  readonly receivedAtMs: number;
}

/** All that became of an event after its first plan: what stands, and what that came from. */
export interface Chain {
  /** How many chunks extended it. */
  readonly link: number;
  /** False until what the event's first plan counted is known: nothing but waiting corrections. */
  readonly isStarted: boolean;
  /** The last revision that was applied; 0: none. */
  readonly correction: number;
  readonly state: 'event' | 'revoked';
  /** The event as lists show it; null where only a revoke is known of it. */
  readonly shown: EventVersion | null;
  /** The link that made it so; 0: its first plan. */
  readonly eventLink: number;
  readonly standing: readonly StandingRow[];
  /** Of every applied correction, by revision. */
  readonly fingerprints: Readonly<Record<string, string>>;
  readonly waiting: readonly WaitingCorrection[];
}

export const NEW_CHAIN: Chain = {
  link: 0,
  isStarted: false,
  correction: 0,
  state: 'event',
  shown: null,
  eventLink: 0,
  standing: [],
  fingerprints: {},
  waiting: [],
};

/** What the event's first plan made of it. */
export interface ChainBase {
  readonly rows: readonly StandingRow[];
  /** Null where no plan holds the event: then a correction came first and stands for it. */
  readonly shown: EventVersion | null;
}

/** The event as a plan or a link makes it. */
export interface EventVersion {
  readonly event: UsageEvent;
  readonly receivedAtMs: number;
  readonly customer: string;
  readonly status: EventStatus;
  readonly reason: string;
}

/** The event, and why meters do not count it. */
export interface RefusedEvent extends Pick<EventVersion, 'event' | 'receivedAtMs' | 'customer'> {
  readonly refusals: CountedEvent['refusals'];
}

/** One entry of an event's history. */
export interface EventChange {
  /** The client's; 0 for what a job did. */
  readonly revision: number;
  readonly action: ChangeRow['action'];
  readonly status: ChangeRow['status'];
  readonly reason: string;
  /** '' for a correction. */
  readonly job: string;
  readonly fingerprint: string;
  readonly event: UsageEvent | null;
  readonly receivedAtMs: number;
}

/** What one chunk does to an event. Kept in the chain, so that the chunk's plan is the same whenever it is made. */
export interface ChainOutcome {
  readonly link: number;
  /** Of all rows: not below any that is taken back, so that no snapshot has the taking back alone. */
  readonly fence: number;
  /** The tenant's catalogue that it was counted with. */
  readonly revision: number;
  readonly negated: readonly StandingRow[];
  readonly added: readonly StandingRow[];
  /** Meters that found the event wrong as it is now; null: none did. */
  readonly refused: RefusedEvent | null;
  /** The event as it is from now on, and as it is no more where it was listed elsewhere. */
  readonly events: readonly EventVersion[];
  readonly changes: readonly EventChange[];
}

/** The outcome beside whose it is; `entry` is the delivery that brought it about. */
export interface PlannedChain {
  readonly tenant: string;
  readonly source: string;
  readonly id: string;
  readonly entry: string;
  readonly outcome: ChainOutcome;
}
