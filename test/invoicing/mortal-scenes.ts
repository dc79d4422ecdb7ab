import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import type { Item } from '../../shared/ports/item-store.ts';
import { passTime } from '../state-machines/runner-process.ts';
import { type Calls, createMortalProcess, type Death, type MortalProcess } from './mortal-process.ts';
import {
  backfill,
  cancel,
  createMortalWorld,
  drawNumber,
  type MortalWorld,
  newMortalWorld,
  publishNext,
  type Snapshot,
  subscribe,
} from './mortal-world.ts';
import { shownInvoices } from './shown-invoices.ts';

/** An execution of each tenant, and what happens in the world before it. */
interface Scene {
  readonly machine: 'draft-invoices' | 'finalize-invoices';
  readonly on: string;
  /** Analytics cannot be reached: the page is given up. */
  readonly isOutage?: boolean;
  readonly before?: (world: MortalWorld) => Promise<void>;
}

/**
 * Two months behind, then one: advance and arrears, an event within the grace and one after it, a charge that cannot be
 * rated, a version that changes within the month, usage of long ago, and a customer who leaves.
 */
const SCENES: readonly Scene[] = [
  {
    ...{ machine: 'draft-invoices', on: '2024-01-05', isOutage: true },
    before: (world) =>
      ofEach(world, async (tenant) => {
        await subscribe(world, tenant, 'behind', '2023-11-01');
        await subscribe(world, tenant, 'leaver', '2023-12-10');
        await world.use(tenant, 'behind', [{ on: '2023-11-05' }, { on: '2023-12-05' }]);
        const dear = { on: '2023-12-20', meter: 'credits', quantity: '999999999999999' };
        await world.use(tenant, 'leaver', [{ on: '2023-12-20' }, dear, dear]);
      }),
  },
  { machine: 'draft-invoices', on: '2024-01-05' },
  {
    ...{ machine: 'finalize-invoices', on: '2024-01-06', isOutage: true },
    before: (world) =>
      ofEach(world, async (tenant) => {
        await world.use(tenant, 'behind', [{ on: '2023-11-07' }, { on: '2023-12-07' }]);
      }),
  },
  { machine: 'finalize-invoices', on: '2024-01-06' },
  {
    ...{ machine: 'draft-invoices', on: '2024-02-01' },
    before: async (world) => {
      await world.advanceTo('2024-01-10');
      await ofEach(world, async (tenant) => {
        await publishNext(world, tenant);
        await backfill(world, tenant, 'behind', '2023-11-09');
        await world.use(tenant, 'behind', [{ on: '2023-12-09' }, { on: '2024-01-09' }, { on: '2024-01-19' }]);
      });
      await world.advanceTo('2024-01-20');
      await ofEach(world, (tenant) => cancel(world, tenant, 'leaver'));
    },
  },
  { machine: 'finalize-invoices', on: '2024-02-02' },
];

async function ofEach({ tenants }: MortalWorld, act: (tenant: string) => Promise<void>): Promise<void> {
  for (const tenant of tenants) await act(tenant);
}

/** A scene of the run that nobody disturbed: the world when it begins, the calls that it makes, and what it leaves. */
export interface CleanScene {
  readonly index: number;
  readonly from: Snapshot;
  readonly calls: Calls['made'];
  readonly left: Left;
}

export async function playClean(tenants: readonly string[]) {
  const world = await newMortalWorld(tenants);
  const scenes: CleanScene[] = [];
  for (const [index, scene] of SCENES.entries()) {
    await prepare(world, scene);
    const from = await world.snapshot();
    const calls: Calls = { made: [] };
    await finish(world, index, [createProcess(world, calls, index)]);
    scenes.push({ index, from, calls: calls.made, left: await leftOf(world) });
  }
  return { world, scenes };
}

async function prepare(world: MortalWorld, scene: Scene): Promise<void> {
  await scene.before?.(world);
  await world.advanceTo(scene.on);
}

export type Clean = Awaited<ReturnType<typeof playClean>>;

/** The scene on one process after the other: each dies, and the last one goes on to the end. */
export async function playKilled(
  tenants: readonly string[],
  { index, from }: CleanScene,
  deaths: readonly Death[],
): Promise<{ readonly world: MortalWorld; readonly died: number }> {
  const world = await createMortalWorld(tenants, from);
  const started = new Set<string>();
  let died = 0;
  for (const death of deaths) {
    const process = createProcess(world, { made: [] }, index, { death });
    await passTime(world.stores.clock, run(world, process, index, started), process.isGone);
    if (process.isGone()) died += 1;
  }
  await finish(world, index, [createProcess(world, { made: [] }, index)], started);
  return { world, died };
}

/** A process stands still while another one runs the scene, and those after it up to `until`; then it goes on. */
export async function playStalled(
  tenants: readonly string[],
  { index, from }: CleanScene,
  stall: Death,
  until: number,
): Promise<MortalWorld> {
  const world = await createMortalWorld(tenants, from);
  const started = new Set<string>();
  const stalled = createProcess(world, { made: [] }, index, { death: stall });
  const running = run(world, stalled, index, started);
  await passTime(world.stores.clock, running, stalled.isGone);
  await finish(world, index, [createProcess(world, { made: [] }, index)], started);
  await playOn(world, index + 1, until);
  stalled.wake();
  await passTime(world.stores.clock, running);
  await running;
  return world;
}

/** The scene on two processes at once. */
export async function playTwice(
  tenants: readonly string[],
  { index, from }: CleanScene,
  pause: () => Promise<void>,
): Promise<MortalWorld> {
  const world = await createMortalWorld(tenants, from);
  const processes = [1, 2].map(() => createProcess(world, { made: [] }, index, { pause }));
  await finish(world, index, processes);
  return world;
}

/** The scenes from `index` on, through `last`. */
async function playOn(world: MortalWorld, index: number, last = SCENES.length - 1): Promise<void> {
  for (const [later, scene] of SCENES.entries()) {
    if (later < index || later > last) continue;
    await prepare(world, scene);
    await finish(world, later, [createProcess(world, { made: [] }, later)]);
  }
}

function createProcess(
  world: MortalWorld,
  calls: Calls,
  index: number,
  how: { readonly death?: Death; readonly pause?: () => Promise<void> } = {},
): MortalProcess {
  const { machine = 'draft-invoices', isOutage } = SCENES[index] ?? {};
  world.faults.setReachable(isOutage !== true);
  return createMortalProcess({
    ...{ stores: world.stores, calls, machine, drawFence: drawNumber },
    ...how,
    // A fence passes once somebody has waited for it.
    onAnswer: async (payload, answer) => {
      const { step, item } = payload as { step: string; item: { tenant: string } };
      if (step === 'CheckFence' && (answer as { passed: boolean }).passed === false)
        await world.passFence(item.tenant);
    },
  });
}

/** Runs the scene on all these processes at once, to its end. */
async function finish(
  world: MortalWorld,
  index: number,
  processes: readonly MortalProcess[],
  started = new Set<string>(),
): Promise<void> {
  const all = processes.map((process) => run(world, process, index, new Set(started)));
  await passTime(world.stores.clock, Promise.all(all));
  await Promise.all(all);
}

async function run(
  world: MortalWorld,
  { runner }: MortalProcess,
  index: number,
  started: Set<string>,
): Promise<void> {
  const { machine = 'draft-invoices', on } = SCENES[index] ?? {};
  await runner.resume();
  for (const tenant of world.tenants) {
    // Who started it does so again only while there was no answer.
    if (started.has(tenant)) continue;
    const input = { v: 1, tenant, dueAt: `${on}T00:00:00.000Z` };
    await runner.start({ machine, name: `${tenant}-${index}`, input });
    started.add(tenant);
  }
  await runner.idle();
}

/** What the stores hold by key, but for how long it took. */
export type Left = Readonly<Record<string, string>>;

async function leftOf(world: MortalWorld): Promise<Left> {
  const { items, objects } = await world.snapshot();
  const timeless = ({ startedAtMs: _start, endedAtMs: _end, passedTimeMs: _passed, ...item }: Item) => item;
  const decoder = new TextDecoder();
  return Object.fromEntries([
    ...items.map((item) => [`${item.pk} ${item.sk}`, canonicalJson(timeless(item) as never)] as const),
    ...[...objects].map(([key, body]) => [key, decoder.decode(body)] as const),
  ]);
}

/**
 * What concerns anybody but the runs themselves: items, and the files that these name. Without the numbers of fences and the
 * digests of files that have them.
 */
async function billedOf(world: MortalWorld): Promise<Left> {
  const left = Object.entries(await leftOf(world));
  const own = left.filter(([key]) => !/^(?:runs|invoices|execution#|fences |lane#)/.test(key));
  const invoices = await Promise.all(world.tenants.map((tenant) => shownInvoices(world.stores, tenant)));
  const shown = invoices
    .flat()
    .map(({ evidence, ...invoice }) => [invoice.id, `${canonicalJson(invoice)}${evidence}`]);
  return Object.fromEntries([...own, ...shown].map(([key, text = '']) => [key, withoutFences(text)]));
}

function withoutFences(text: string): string {
  return text
    .replaceAll(/"fence":\d+/g, '"fence":0')
    .replaceAll(/"evidence(?:Object|Start|End)":(?:"[^"]*"|\d+),/g, '')
    .replaceAll(/("kind":"end","lines":\d+,"sha256":)"[0-9a-f]+"/g, '$1""');
}

/**
 * What is left of a disturbed run, and what should be: by the byte what a clean one leaves. Where a fence was drawn and the
 * process died before it wrote that down, where fewer subscriptions met an outage, or a file was kept that nobody names, it
 * is what is billed when all is over.
 */
export async function outcomeOf(
  world: MortalWorld,
  clean: Clean,
  last: number,
): Promise<{ readonly left: Left; readonly expected: Left }> {
  const left = await leftOf(world);
  const expected = clean.scenes[last]?.left ?? {};
  if (isDeepStrictEqual(left, expected)) return { left, expected };
  await playOn(world, last + 1);
  return { left: await billedOf(world), expected: await billedOf(clean.world) };
}
