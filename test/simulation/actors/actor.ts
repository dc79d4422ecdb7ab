import type { Auditor } from '../auditor/auditor.ts';
import type { SendHttp } from '../http.ts';
import type { Installation } from '../processes/installation.ts';
import type { Random } from '../random.ts';
import type { SimulatedTenant } from '../tenants.ts';
import type { World } from '../world.ts';

/** What actors act on. */
export interface Stage {
  readonly world: World;
  readonly installation: Installation;
  readonly http: SendHttp;
  readonly tenants: readonly SimulatedTenant[];
  readonly auditor: Auditor;
  /** While faults strike: what an actor does again and again ends with this. */
  readonly isOn: () => boolean;
}

/**
 * Somebody who does something to the system while faults strike: a client, a reader, a misfortune. It draws on a source of
 * chance of its own, and reports all that it learns to the auditor.
 */
export interface Actor {
  readonly name: string;
  readonly act: (stage: Stage, random: Random) => Promise<void>;
}
