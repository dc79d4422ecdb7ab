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
  const found = new Map<string, readonly EvidenceRow[]>();
  for (const question of lineQuestions(needs)) {
    const { lines, keyAt } = question;
    for (const spans of disjoint(question.spans)) {
      const sorter = createSorter(question, spans);
      let after: EvidencePosition | null = null;
      do {
        const page = await deps.analytics.evidence({
          ...{ tenant, lines, spans: spans.map(({ span }) => span) },
          ...{ belowFence: fence, limit: LIMITS.evidencePageRows },
          ...(after === null ? {} : { after }),
        });
        for (const row of page.rows) sorter.add(row);
        after = page.next;
      } while (after !== null);
      for (const { line, place, rows } of sorter.sorted()) found.set(keyAt(line, place), rows);
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

/** Sorts rows by the line and the span that count them. */
function createSorter({ lines }: LineQuestion, spans: readonly PlacedSpan[]) {
  const linesOf = lineMatcher(lines);
  const byCustomer = Map.groupBy(
    spans.map(({ span, place }) => ({ span, place, rowsOf: lines.map((): EvidenceRow[] => []) })),
    ({ span }) => span.customer,
  );
  return {
    add: (row: EvidenceRow) => {
      const inSpan = byCustomer
        .get(row.customer)
        ?.find(({ span }) => row.timeMs >= span.fromMs && row.timeMs < span.toMs);
      if (inSpan === undefined) return;
      for (const line of linesOf(row)) inSpan.rowsOf[line]?.push(row);
    },
    sorted: () =>
      [...byCustomer.values()]
        .flat()
        .flatMap(({ place, rowsOf }) => rowsOf.map((rows, line) => ({ line, place, rows }))),
  };
}
