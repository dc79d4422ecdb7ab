import type { PackedUnderTest } from './claims-builders.ts';
import { describeCollisions } from './claims-packed-collisions.ts';
import { describeCrashes } from './claims-packed-crashes.ts';
import { describeExpiry } from './claims-packed-expiry.ts';
import { describeInstants } from './claims-packed-instants.ts';
import { describeRaces } from './claims-packed-races.ts';
import { describeSwitch } from './claims-packed-switch.ts';

/** What packed claims must do besides, on every store. */
export function packedClaimsContract(subject: PackedUnderTest): void {
  describeInstants(subject);
  describeRaces(subject);
  describeSwitch(subject);
  describeCrashes(subject);
  describeCollisions(subject);
  describeExpiry(subject);
}
