import type { ItemStore } from '../../shared/ports/item-store.ts';
import { describeCollisions } from './claims-packed-collisions.ts';
import { describeCrashes } from './claims-packed-crashes.ts';
import { describeExpiry } from './claims-packed-expiry.ts';
import { describeInstants } from './claims-packed-instants.ts';
import { describeRaces } from './claims-packed-races.ts';
import { describeSwitch } from './claims-packed-switch.ts';

export interface PackedUnderTest {
  /** One store for all tests of a file: each takes seconds of its own. */
  readonly items: () => ItemStore;
  /** Deletes what is over, as the store does some time. */
  readonly expire: (nowSeconds: number) => Promise<void>;
  /** Runs of each property. */
  readonly runs: number;
  /** How many share one millisecond: a multiple of 5,000. */
  readonly eventsOfOneInstant: number;
}

/** What packed claims must do besides, on every store. */
export function packedClaimsContract(subject: PackedUnderTest): void {
  describeInstants(subject);
  describeRaces(subject);
  describeSwitch(subject);
  describeCrashes(subject);
  describeCollisions(subject);
  describeExpiry(subject);
}
