import type { Charge } from '../../domain/rating/charge.ts';
import { defined } from '../../kernel/assert.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { CustomerSpan, MeterLine } from '../../ports/analytics.ts';
import type { UsageNeed } from './plan-closing.ts';

/** One question to analytics: each line is counted in each span. */
export interface LineQuestion {
  readonly lines: readonly MeterLine[];
  readonly spans: readonly CustomerSpan[];
  /** The `needKey` of what is asked by a line and a span, named by their places. */
  keyAt(line: number, span: number): string;
}

/**
 * The fewest questions that answer all needs: customers and periods that need the same lines are asked about together, which
 * is everybody who is on one version of a plan.
 */
export function lineQuestions(needs: readonly UsageNeed[]): readonly LineQuestion[] {
  const charges = new Map<string, Charge>();
  const spans = new Map<string, AskedSpan>();
  for (const { customer, segment, charge } of needs) {
    const { startMs: fromMs, endMs: toMs } = segment;
    const key = spanKey(customer, segment);
    const asked = spans.get(key) ?? { key, span: { customer, fromMs, toMs }, lines: new Set() };
    spans.set(key, asked);
    asked.lines.add(lineKey(charge));
    charges.set(lineKey(charge), charge);
  }
  const alike = Map.groupBy(spans.values(), ({ lines }) => [...lines].sort().join());
  return [...alike.values()].flatMap((group) => {
    const lines = [...(group[0]?.lines ?? [])].map((key) => {
      return { key, line: meterLine(defined(charges.get(key), 'the charge of a line')) };
    });
    return chunksOf(group, LIMITS.snapshotCustomers).flatMap((some) =>
      chunksOf(lines, LIMITS.snapshotLines).map((of) => toQuestion(of, some)),
    );
  });
}

interface AskedSpan {
  readonly key: string;
  readonly span: CustomerSpan;
  /** Keys. */
  readonly lines: Set<string>;
}

function toQuestion(
  lines: readonly { readonly key: string; readonly line: MeterLine }[],
  spans: readonly AskedSpan[],
): LineQuestion {
  return {
    lines: lines.map(({ line }) => line),
    spans: spans.map(({ span }) => span),
    keyAt: (line, span) => `${defined(spans[span], 'a span').key}#${defined(lines[line], 'a line').key}`,
  };
}

/** Equal for needs that have the same answer. */
export function needKey({ customer, segment, charge }: UsageNeed): string {
  return `${spanKey(customer, segment)}#${lineKey(charge)}`;
}

function spanKey(customer: string, { startMs, endMs }: UsageNeed['segment']): string {
  return `${customer}#${startMs}#${endMs}`;
}

/** Charges never change, and a run asks for the same ones for every customer. */
const LINE_KEYS = new WeakMap<Charge, string>();

function lineKey(charge: Charge): string {
  const known = LINE_KEYS.get(charge);
  if (known !== undefined) return known;
  const { meter, filters } = meterLine(charge);
  const key = canonicalJson([meter, { ...filters }]);
  LINE_KEYS.set(charge, key);
  return key;
}

/** The rows of a meter that a usage charge counts. */
function meterLine(charge: Charge): MeterLine {
  return { meter: meterOf(charge), filters: charge.filters ?? {} };
}

export function meterOf(charge: Charge): string {
  return defined(charge.meter, `the meter of ${charge.key}`);
}

function chunksOf<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(list.length / size);
  return Array.from({ length: count }, (_, index) => list.slice(index * size, (index + 1) * size));
}
