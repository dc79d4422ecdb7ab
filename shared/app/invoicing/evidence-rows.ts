import { lineMatcher } from '../../domain/metering/line-matcher.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { CustomerSpan, EvidencePosition, EvidenceRow } from '../../ports/analytics.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { type LineQuestion, lineQuestions } from './line-questions.ts';
import type { UsageNeed } from './plan-closing.ts';

/** The rows that needs count, by `needKey`, each list in its order. None where there are none. */
export async function readEvidenceRows(
  deps: Pick<InvoicingDeps, 'analytics'>,
  input: { readonly tenant: string; readonly fence: number; readonly needs: readonly UsageNeed[] },
): Promise<ReadonlyMap<string, readonly EvidenceRow[]>> {
  const { tenant, fence, needs } = input;
  const found = new Map<string, EvidenceRow[]>();
  for (const question of lineQuestions(needs)) {
    const { lines } = question;
    for (const spans of disjoint(question.spans)) {
      const keysOf = keyFinder(question, spans);
      let after: EvidencePosition | null = null;
      do {
        const page = await deps.analytics.evidence({
          ...{ tenant, lines, spans: spans.map(({ span }) => span) },
          ...{ belowFence: fence, limit: LIMITS.evidencePageRows },
          ...(after === null ? {} : { after }),
        });
        for (const row of page.rows) {
          for (const key of keysOf(row)) {
            const known = found.get(key);
            if (known === undefined) found.set(key, [row]);
            else known.push(row);
          }
        }
        after = page.next;
      } while (after !== null);
    }
  }
  return found;
}

interface PlacedSpan {
  readonly span: CustomerSpan;
  readonly place: number;
}

/** Two subscriptions of a customer may have the same lines at the same time: each list has spans that do not overlap. */
function disjoint(spans: readonly CustomerSpan[]): readonly (readonly PlacedSpan[])[] {
  const ascending = spans
    .map((span, place) => ({ span, place }))
    .sort((left, right) => left.span.fromMs - right.span.fromMs);
  const layers: { readonly spans: PlacedSpan[]; readonly endsMs: Map<string, number> }[] = [];
  for (const placed of ascending) {
    const { customer, fromMs, toMs } = placed.span;
    let layer = layers.find(({ endsMs }) => (endsMs.get(customer) ?? fromMs) <= fromMs);
    if (layer === undefined) {
      layer = { spans: [], endsMs: new Map() };
      layers.push(layer);
    }
    layer.spans.push(placed);
    layer.endsMs.set(customer, toMs);
  }
  return layers.map((layer) => layer.spans);
}

/** The keys of the needs that count a row. */
function keyFinder(question: LineQuestion, spans: readonly PlacedSpan[]) {
  const linesOf = lineMatcher(question.lines);
  const byCustomer = Map.groupBy(spans, ({ span }) => span.customer);
  return (row: EvidenceRow): readonly string[] => {
    const inSpan = byCustomer
      .get(row.customer)
      ?.find(({ span }) => row.timeMs >= span.fromMs && row.timeMs < span.toMs);
    if (inSpan === undefined) return [];
    return linesOf(row).map((line) => question.keyAt(line, inSpan.place));
  };
}
