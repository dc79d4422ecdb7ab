import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import type { Aggregation, UsageReadPlan } from '../../shared/domain/metering/usage-read.ts';

/** [window start, group, value] of every window and group that has rows which stand: what any implementation must answer. */
export type Expected = readonly [number, readonly (string | null)[], string | null];

/** A fold over the rows, written for nothing but being obviously right: whole numbers of 10^-12 as bigint. */
export function expectedUsage(rows: readonly UsageRow[], plan: UsageReadPlan): readonly Expected[] {
  const asked = rows.filter((row) => isAsked(row, plan));
  const found: Expected[] = [];
  for (const [fromMs, toMs] of windowsOfPlan(plan)) {
    const inside = asked.filter(({ timeMs }) => fromMs <= timeMs && timeMs < toMs);
    const groups = Map.groupBy(inside, (row) =>
      JSON.stringify(plan.groupBy.map((name) => dimensionOf(row, name))),
    );
    for (const [group, members] of groups) {
      const value = fold(members, plan);
      if (value !== undefined) found.push([fromMs, JSON.parse(group), value]);
    }
  }
  return found.toSorted(([a, left], [b, right]) => a - b || compareLists(left, right));
}

function windowsOfPlan({ windows, fromMs, toMs }: UsageReadPlan): readonly (readonly [number, number])[] {
  if (windows.kind === 'single') return [[fromMs, toMs]];
  if (windows.kind === 'boundaries') {
    const { boundariesMs } = windows;
    return boundariesMs.slice(1).map((endMs, index) => [boundariesMs[index] ?? 0, endMs]);
  }
  const found: [number, number][] = [];
  for (let startMs = fromMs; startMs + windows.lengthMs <= toMs; startMs += windows.stepMs) {
    found.push([startMs, startMs + windows.lengthMs]);
  }
  return found;
}

function isAsked(row: UsageRow, plan: UsageReadPlan): boolean {
  return (
    row.tenant === plan.tenant &&
    row.meter === plan.meter &&
    row.customer === (plan.customer ?? row.customer) &&
    Object.entries(plan.filters).every(([name, values]) =>
      values.includes(dimensionOf(row, name) ?? '\u0000none'),
    )
  );
}

function dimensionOf(row: UsageRow, name: string): string | null {
  return name === 'customer' ? row.customer : (JSON.parse(row.dimensions)[name] ?? null);
}

/** Undefined where everything was taken back that there would be to choose from. */
function fold(rows: readonly UsageRow[], { aggregation }: UsageReadPlan): string | null | undefined {
  const sum = rows.reduce((total, row) => total + toScaled(row.quantity) * BigInt(row.sign), 0n);
  const count = rows.reduce((total, { sign }) => total + BigInt(sign), 0n);
  if (aggregation === 'count') return String(count);
  if (aggregation === 'sum') return toText(sum);
  if (aggregation === 'avg') return count > 0n ? toText(roundedQuotient(sum, count)) : null;
  const standing = standingRows(rows);
  return standing.length === 0 ? undefined : choose(standing, aggregation);
}

/** One of each set of equal rows of which more were counted than taken back. */
function standingRows(rows: readonly UsageRow[]): readonly UsageRow[] {
  const equal = Map.groupBy(rows, (row) => {
    const { customer, dimensions, timeMs, source, id, quantity, uniqueKey } = row;
    return JSON.stringify([customer, dimensions, timeMs, source, id, toText(toScaled(quantity)), uniqueKey]);
  });
  return [...equal.values()].flatMap((members) => {
    return members.reduce((net, { sign }) => net + sign, 0) > 0 ? members.slice(0, 1) : [];
  });
}

function choose(
  rows: readonly UsageRow[],
  aggregation: Exclude<Aggregation, 'count' | 'sum' | 'avg'>,
): string {
  const values = rows
    .map(({ quantity }) => toScaled(quantity))
    .toSorted((a, b) => (a < b ? -1 : Number(a > b)));
  switch (aggregation) {
    case 'min':
      return toText(values[0] ?? 0n);
    case 'max':
      return toText(values.at(-1) ?? 0n);
    case 'unique_count':
      return String(new Set(rows.map(({ uniqueKey }) => uniqueKey).filter((key) => key !== '')).size);
    case 'latest': {
      const latest = rows.toSorted(
        (a, b) =>
          a.timeMs - b.timeMs ||
          Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)) ||
          Buffer.compare(Buffer.from(a.source), Buffer.from(b.source)),
      );
      return toText(toScaled(latest.at(-1)?.quantity ?? '0'));
    }
  }
}

const SCALE = 12;

function toScaled(text: string): bigint {
  const [whole = '', places = ''] = text.replace('-', '').split('.');
  const scaled = BigInt(whole + places.padEnd(SCALE, '0'));
  return text.startsWith('-') ? -scaled : scaled;
}

function toText(scaled: bigint): string {
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(SCALE + 1, '0');
  const places = digits.slice(-SCALE).replace(/0+$/, '');
  const text = digits.slice(0, -SCALE) + (places === '' ? '' : `.${places}`);
  return scaled < 0n ? `-${text}` : text;
}

/** Half away from zero. */
function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator;
  const rounded = (2n * size + denominator) / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
}

function compareLists(left: readonly (string | null)[], right: readonly (string | null)[]): number {
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? null;
    if (value === other) continue;
    if (value === null) return -1;
    if (other === null) return 1;
    return Buffer.compare(Buffer.from(value), Buffer.from(other));
  }
  return 0;
}
