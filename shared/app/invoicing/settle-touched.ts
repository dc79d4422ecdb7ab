import { TABLES } from '../../contracts/names.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { touchedPeriodKey } from '../records/touched-period.ts';
import type { ClosingPlan } from './plan-closing.ts';

/**
 * Forgets the periods whose rows a closing at the fence has all counted, unless it relied on drafts for what was invoiced. The
 * operations belong into the transaction of what the closing makes; they fail where a period was touched again since it was read.
 */
export function settleTouched(input: {
  readonly tenant: string;
  readonly plan: Pick<ClosingPlan, 'terms' | 'touched' | 'isProvisional'>;
  readonly fence: number;
}): { readonly isLeft: boolean; readonly operations: readonly TransactionOperation[] } {
  const { tenant, plan, fence } = input;
  const { terms, touched, isProvisional } = plan;
  const counted = isProvisional ? [] : touched.periods.filter(({ belowFence }) => belowFence <= fence);
  return {
    isLeft: touched.isMore || counted.length < touched.periods.length,
    operations: counted.map((period) => ({
      op: 'delete',
      table: TABLES.main,
      key: touchedPeriodKey(tenant, terms.subscription, period),
      condition: { kind: 'equal', name: 'belowFence', value: period.belowFence },
    })),
  };
}
