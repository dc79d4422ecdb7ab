import { createHash } from 'node:crypto';
import { createClaimHash } from '../../shared/adapters/claims/claim-hash.ts';
import { createPackedClaims } from '../../shared/adapters/claims/packed-claims.ts';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { identityKey } from '../../shared/domain/events/staged-entry.ts';
import type { ClaimedIdentity, Claims, ClaimsMode } from '../../shared/ports/claims.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';

/** Events as consumers take them in: chunks of `chunkEvents`, ids stamped at `eventsASecond`. The same in every run. */
export interface ClaimLoad {
  readonly events: number;
  readonly chunkEvents: number;
  readonly tenants: number;
  readonly eventsASecond: number;
  /** 1 unless it says otherwise. */
  readonly parts?: 1 | 4 | 16;
  /** Ids in the order of their times, or in any. */
  readonly order?: 'time' | 'any';
  /** Ids that carry no time. */
  readonly opaque?: boolean;
  /** Everything is sent a second time; both count. */
  readonly twice?: boolean;
  /** Each chunk is settled by a process that was just started. */
  readonly coldProcesses?: boolean;
}

const START_MS = Date.UTC(2026, 10, 24, 12);

export interface ClaimUnits {
  readonly readPerEvent: number;
  readonly writePerEvent: number;
  readonly unitsPerEvent: number;
}

/** What the claims of a load consume, counted in memory by DynamoDB's rules. */
export async function countClaimUnits(load: ClaimLoad, mode: ClaimsMode): Promise<ClaimUnits> {
  const items = createMemoryItems();
  const settled = await settleAll(items, load, mode);
  const { read, write } = items.units.of('claims');
  const perEvent = (units: number) => Math.round((units / settled) * 10_000) / 10_000;
  return {
    readPerEvent: perEvent(read),
    writePerEvent: perEvent(write),
    unitsPerEvent: perEvent(read + write),
  };
}

/** Settles the claims of a load chunk by chunk; answers of how many events. */
export async function settleAll(items: ItemStore, load: ClaimLoad, mode: ClaimsMode): Promise<number> {
  const staged = new Map<string, ReadonlySet<string>>();
  const start = () => startClaims(items, mode, load.parts ?? 1, staged);
  let claims = start();
  let settled = 0;
  const identities = [...identitiesOf(load)];
  for (const round of load.twice === true ? [0, 1] : [0]) {
    for (let first = 0; first < identities.length; first += load.chunkEvents) {
      if (load.coldProcesses === true) claims = start();
      const chunk = uuidAt(START_MS, `chunk ${round} ${first}`);
      const wanted = identities.slice(first, first + load.chunkEvents);
      staged.set(chunk, new Set(wanted.map(identityKey)));
      await claims.settle({ chunk, identities: wanted, nowMs: START_MS });
      settled += wanted.length;
    }
  }
  return settled;
}

function startClaims(
  items: ItemStore,
  mode: ClaimsMode,
  parts: 1 | 4 | 16,
  staged: ReadonlyMap<string, ReadonlySet<string>>,
): Claims {
  return createPackedClaims({
    items,
    hash: createClaimHash('the key of a benchmark'),
    mode,
    parts,
    isPackedByTime: async () => false,
    stagedIdentities: async (chunk) => staged.get(chunk) ?? new Set(),
  });
}

function* identitiesOf(load: ClaimLoad): Generator<ClaimedIdentity> {
  const { events, tenants, eventsASecond, order = 'time', opaque = false } = load;
  for (let index = 0; index < events; index += 1) {
    const place = order === 'time' ? index : scattered(index, events);
    const id = opaque
      ? `order-${place}`
      : uuidAt(START_MS + Math.floor((place * 1_000) / eventsASecond), `${place}`);
    yield {
      tenant: `tenant-${scattered(place, tenants)}`,
      source: 'default',
      id,
      timeMs: START_MS,
      timeSent: false,
    };
  }
}

/** Goes through all numbers below `count` in no order: in steps of near the golden section, a prime to all sizes here. */
function scattered(index: number, count: number): number {
  return (index * 6_181) % count;
}

/** A UUIDv7 whose random bits are those of a name. */
function uuidAt(timeMs: number, name: string): string {
  const time = timeMs.toString(16).padStart(12, '0');
  const random = createHash('sha256').update(name).digest('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
}
