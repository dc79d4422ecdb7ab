import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { openSqliteItems } from '../../shared/adapters/embedded/sqlite-items.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import type { ClaimsMode } from '../../shared/ports/claims.ts';
import { type Benchmark, timed } from './benchmark.ts';
import { type ClaimLoad, countClaimUnits, settleAll } from './claims-load.ts';

const EXACT: ClaimsMode = { kind: 'exact' };
const PACKED: ClaimsMode = { kind: 'packed', exactUntilMs: 0 };
const TRANSITION: ClaimsMode = { kind: 'packed-transition' };
/** The first weeks, in which exact claims from before are looked for. */
const PACKED_NEW: ClaimsMode = { kind: 'packed', exactUntilMs: Date.UTC(2100, 0, 1) };

const small = (eventsASecond: number): ClaimLoad => ({
  events: 10_000,
  chunkEvents: 100,
  tenants: 1,
  eventsASecond,
});
const large = (tenants: number, eventsASecond: number): ClaimLoad => ({
  events: 50_000,
  chunkEvents: 5_000,
  tenants,
  eventsASecond,
});

/** What the design promises a bound for. */
const BOUNDED: readonly (readonly [ClaimLoad, boundUnits: number])[] = [
  ...[5, 10, 100, 1_000, 10_000, 1_000_000].map((rate) => [small(rate), 0.2] as const),
  ...[1, 100, 10_000].flatMap((tenants) =>
    [2_000, 5_000, 20_000, 100_000].map((rate) => [large(tenants, rate), 0.05] as const),
  ),
];

/** Where packed claims cost more than that, or than exact ones. */
const DEAR: readonly (readonly [what: string, load: ClaimLoad, mode: ClaimsMode])[] = [
  ['ids that carry no time', { ...small(1_000), opaque: true }, PACKED],
  ['one event a second, in chunks of its own', { ...small(1), chunkEvents: 1 }, PACKED],
  ['two events a second, in chunks of their own', { ...small(2), chunkEvents: 1 }, PACKED],
  ['1,000 events a second, in chunks of their own', { ...small(1_000), chunkEvents: 1 }, PACKED],
  ['an import of old ids in no order, one in ten seconds', { ...small(0.1), order: 'any' }, PACKED],
  ['an import of old ids in no order, ten a second', { ...small(10), order: 'any' }, PACKED],
  ['ids in no order within a busy second', { ...small(10_000), order: 'any' }, PACKED],
  ['10,000 tenants at 500 events a second', large(10_000, 500), PACKED],
  ['10,000 tenants in 4 parts', { ...large(10_000, 5_000), parts: 4 }, PACKED],
  ['10,000 tenants in 16 parts', { ...large(10_000, 5_000), parts: 16 }, PACKED],
  ['each chunk by a process that was just started', { ...small(1_000), coldProcesses: true }, PACKED],
  ['everything sent twice', { ...small(1_000), twice: true }, PACKED],
  ['everything sent twice, exact', { ...small(1_000), twice: true }, EXACT],
  ['transition', small(1_000), TRANSITION],
  ['packed, in its first 53 days over exact ones', small(1_000), PACKED_NEW],
];

/** Request units an event of packed claims against exact ones, and their time and disk on the embedded store. */
export const claims: Benchmark = async (say) => {
  const rows = [];
  for (const [load, boundUnits] of BOUNDED) {
    const units = await countClaimUnits(load, PACKED);
    say(`${describe(load)}: ${units.unitsPerEvent} units an event (at most ${boundUnits}; exact 1)`);
    if (units.unitsPerEvent > boundUnits) throw new Error('more units than promised');
    rows.push({ ...load, boundUnits, ...units });
  }
  const dear = [];
  for (const [what, load, mode] of DEAR) {
    const units = await countClaimUnits(load, mode);
    say(`${what}: ${units.unitsPerEvent} units an event`);
    dear.push({ what, mode: mode.kind, ...load, ...units });
  }
  const embedded = [];
  for (const load of [large(50, 20_000), small(1_000)]) {
    for (const mode of [EXACT, PACKED]) embedded.push(await measureEmbedded(say, load, mode));
  }
  return { packed: rows, dear, embedded };
};

function describe({ events, chunkEvents, tenants, eventsASecond }: ClaimLoad): string {
  return `${events} events of ${tenants} tenants at ${eventsASecond}/s in chunks of ${chunkEvents}`;
}

async function measureEmbedded(say: (text: string) => void, load: ClaimLoad, mode: ClaimsMode) {
  const folder = await mkdtemp(path.join(process.env.BENCH_DIR ?? '.', '.bench-'));
  try {
    const store = openSqliteItems({ path: path.join(folder, 'items.sqlite'), clock: createSystemClock() });
    const tookMs = await timed(() => settleAll(store.items, load, mode));
    await store.close();
    const files = await readdir(folder);
    const sizes = await Promise.all(files.map(async (file) => (await stat(path.join(folder, file))).size));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const eventsPerSecond = Math.round((load.events / tookMs) * 1_000);
    const bytesPerEvent = Math.round(bytes / load.events);
    say(
      `${mode.kind} on SQLite, ${describe(load)}: ${eventsPerSecond} events/s, ${bytesPerEvent} bytes an event`,
    );
    return { mode: mode.kind, ...load, eventsPerSecond, bytesPerEvent };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
