import type { ClaimsParts } from '../../shared/app/records/claims-deployment.ts';
import type { ClaimsMode } from '../../shared/ports/claims.ts';
import type { Random } from './random.ts';

/** How one world is, decided by its seed. */
export interface WorldSettings {
  readonly seed: number;
  readonly events: number;
  /** Meters change and lanes are raised, too. */
  readonly isWhole: boolean;
  /** `embedded`: one process is everything and restarts with everything; `parted`: components as on AWS. */
  readonly layout: 'embedded' | 'parted';
  readonly shards: number;
  /** Every clock is within this of the true time, ms: two components differ by a minute at most. */
  readonly skewMaxMs: number;
  /** Share of the calls that a fault strikes. */
  readonly faultRate: number;
  readonly batchSizeMax: number;
  readonly claims: ClaimsMode['kind'];
  readonly claimParts: ClaimsParts;
  /**
   * The tenant whose rows analytics still refuses when all other faults are over; null: nobody's. One that lives in real
   * time: a test clock waits for its own tenant's rows.
   */
  readonly refusedToTheEnd: number | null;
}

const SKEW_MAX_MS = 29_000;

export function settingsOf(
  input: Pick<WorldSettings, 'seed' | 'events' | 'isWhole'>,
  random: Random,
): WorldSettings {
  return {
    ...input,
    layout: random.chance(0.4) ? 'embedded' : 'parted',
    shards: random.int(1, 3),
    skewMaxMs: random.chance(0.5) ? SKEW_MAX_MS : 0,
    faultRate: random.pick([0.003, 0.008, 0.015]),
    batchSizeMax: random.pick([3, 20, 200]),
    claims: random.pick(['exact', 'packed', 'packed']),
    claimParts: random.pick([1, 4]),
    refusedToTheEnd: random.pick([null, null, 0]),
  };
}
