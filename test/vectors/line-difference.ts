import type { DetailLine, Rated } from '../../shared/domain/rating/rate-charge.ts';
import { decimal } from '../../shared/kernel/decimal.ts';
import { addMoney, type Money, money, moneyFromDecimal, negateMoney } from '../../shared/kernel/money.ts';
import { plain } from './shapes.ts';

interface PriceLine {
  readonly ref: string;
  readonly unit: string;
  readonly quantity: string;
  readonly amount: string;
}

/** An amount taken apart as the cases do it: lines of the price, all that is taken off, all that is added. */
export interface LineParts {
  /** By `byRef`. */
  readonly lines: readonly PriceLine[];
  readonly discount: string;
  readonly charge: string;
  readonly total: string;
}

const ZERO: Money = money(0n, 'USD');

export function byRef(left: PriceLine, right: PriceLine): number {
  return left.ref.localeCompare(right.ref) || left.unit.localeCompare(right.unit);
}

/** What `after` adds to `before`; each detail is rounded by itself, as the cases have it. */
export function differenceOf(before: Rated | null, after: Rated): LineParts {
  const earlier = before?.details ?? [];
  const refs = new Set([...after.details, ...earlier].map(({ ref }) => ref));
  const lines: PriceLine[] = [];
  let discount = ZERO;
  let charge = ZERO;
  for (const ref of refs) {
    const [now, then] = [after.details, earlier].map((list) => list.find((detail) => detail.ref === ref));
    const amount = addMoney(posted(now), negateMoney(posted(then)));
    if (ref === 'minimum') charge = addMoney(charge, amount);
    else if (ref === 'maximum' || ref.startsWith('discount.')) {
      discount = addMoney(discount, negateMoney(amount));
    } else if (ref !== 'included_units') {
      lines.push({
        ref: theirRef(ref),
        unit: plain(now?.unitAmount ?? now?.flatAmount ?? then?.unitAmount ?? then?.flatAmount ?? ''),
        quantity: plain((now?.quantity ?? decimal(0)).minus(then?.quantity ?? 0)),
        amount: plain(amount),
      });
    }
  }
  return {
    lines: lines.filter(({ quantity, amount }) => quantity !== '0' || amount !== '0').sort(byRef),
    discount: plain(discount),
    charge: plain(charge),
    total: plain(addMoney(after.amount, negateMoney(before?.amount ?? ZERO))),
  };
}

function posted(detail: DetailLine | undefined): Money {
  return detail === undefined ? ZERO : moneyFromDecimal(detail.amount, 'USD');
}

/** They name tiers `tier2.flat`, and of a volume price only `volume.flat`. */
function theirRef(ref: string): string {
  if (ref === 'per_unit') return 'unit';
  if (ref === 'package') return 'usage';
  return ref.replace(/^graduated\.(\d+)/, 'tier$1').replace(/^volume\.\d+/, 'volume');
}
