import type { AnalyticsFaults, InsertFault } from '../../../shared/adapters/memory/analytics/faults.ts';
import type { Analytics, AnalyticsPart } from '../../../shared/ports/analytics.ts';
import type { FaultKind } from '../faults/kinds.ts';
import type { SimulatedProcess } from '../processes/process.ts';
import type { Random } from '../random.ts';
import type { CallPort } from './port-call.ts';

const READ: readonly FaultKind[] = ['error_before', 'throttled', 'delay', 'crash_before'];
const WRITE: readonly FaultKind[] = [...READ, 'error_after', 'crash_after'];
const INSERT: readonly FaultKind[] = [...WRITE, 'duplicate', 'partial', 'token_without_rows', 'runs_on'];
/** It is rarely needed. */
const REMOVE_WEIGHT = 20;
const GRAINS = ['minute', 'hour', 'day'] as const;

interface Deps {
  readonly call: CallPort;
  readonly process: SimulatedProcess;
  readonly analytics: Analytics;
  /** Of the twin, which shows what ClickHouse was seen to do. */
  readonly twin: AnalyticsFaults;
  readonly random: Random;
  readonly onLateInsert: () => void;
}

const CHECKS: readonly string[] = ['hasEnded', 'partContents', 'removePart'];
const WRITES: readonly string[] = ['removePart', 'putPriced'];

/** Analytics as a process reaches them; a method that is added to the port is a read until it is named above. */
export function simulateAnalytics(deps: Deps): Analytics {
  const { call, process, analytics } = deps;
  const reach = ([method, ask]: readonly [string, (...input: readonly unknown[]) => Promise<unknown>]) => {
    const port = CHECKS.includes(method) ? 'analytics_check' : 'analytics_read';
    const faults = WRITES.includes(method) ? WRITE : READ;
    const weight = method === 'removePart' ? REMOVE_WEIGHT : 1;
    const through = (...input: readonly unknown[]) =>
      call(process, { port, method, faults, weight, effect: () => ask(...input) });
    return [method, through] as const;
  };
  const methods = Object.entries(analytics) as unknown as Parameters<typeof reach>[0][];
  const reached = Object.fromEntries(methods.map(reach)) as unknown as Analytics;
  return { ...reached, insert: (part) => insert(deps, part) };
}

function insert({ call, process, analytics, twin, random, onLateInsert }: Deps, part: AnalyticsPart) {
  const struck = (fault: InsertFault) => () => {
    // The twin takes it in the same instant: nobody else's insert comes in between, and none that was refused leaves it.
    twin.strikeNextInsert(fault);
    const inserted = analytics.insert(part);
    twin.spareInserts();
    return inserted;
  };
  return call(process, {
    port: 'analytics_insert',
    method: `insert_${part.table}`,
    faults: INSERT,
    effect: () => analytics.insert(part),
    variants: {
      partial: struck({ kind: 'view_failed', grain: random.pick(GRAINS) }),
      token_without_rows: struck({ kind: 'token_without_rows' }),
      runs_on: () => {
        onLateInsert();
        return struck({ kind: 'runs_on' })();
      },
    },
  });
}
