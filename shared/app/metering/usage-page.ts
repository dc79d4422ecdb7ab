import { compareGroups, type UsageGroup } from '../../domain/metering/group-order.ts';
import type { Aggregation } from '../../domain/metering/usage-read.ts';
import type { WindowList } from '../../domain/metering/window-list.ts';
import { defined } from '../../kernel/assert.ts';
import type { UsageAggregate } from '../../ports/analytics.ts';
import type { UsagePosition } from './usage-cursor.ts';

/** Which rows a page has: groups in order within windows in order, from a first row on, at most `limit`. */
export interface PageLayout {
  readonly firstWindow: number;
  /** Index of the first row's group in its window. */
  readonly firstGroup: number;
  /** Exclusive. */
  readonly endWindow: number;
  readonly rows: number;
  readonly isLast: boolean;
}

export function layOutPage(input: {
  readonly windows: WindowList;
  readonly groups: readonly UsageGroup[];
  readonly limit: number;
  readonly after: UsagePosition | null;
}): PageLayout {
  const { windows, groups, limit, after } = input;
  let firstWindow = after === null ? 0 : windows.indexAtOrAfter(after.windowStartMs);
  let firstGroup = 0;
  if (
    after !== null &&
    firstWindow < windows.count &&
    windows.at(firstWindow).fromMs === after.windowStartMs
  ) {
    const index = groups.findIndex((group) => compareGroups(group, after.group) > 0);
    if (index < 0) firstWindow += 1;
    else firstGroup = index;
  }
  const left = Math.max(0, (windows.count - firstWindow) * groups.length - firstGroup);
  const rows = Math.min(limit, left);
  const endWindow =
    groups.length === 0 ? firstWindow : firstWindow + Math.ceil((firstGroup + rows) / groups.length);
  return { firstWindow, firstGroup, endWindow, rows, isLast: rows === left };
}

export interface UsageDatum {
  readonly fromMs: number;
  readonly toMs: number;
  readonly group: UsageGroup;
  /** A decimal; null where a window without events has no answer. */
  readonly value: string | null;
}

/** The rows of a page, windows and groups without any aggregate included. */
export function fillPage(input: {
  readonly aggregation: Aggregation;
  readonly windows: WindowList;
  readonly groups: readonly UsageGroup[];
  readonly layout: PageLayout;
  readonly aggregates: readonly UsageAggregate[];
}): readonly UsageDatum[] {
  const { windows, groups, layout } = input;
  const keyOf = (windowStartMs: number, group: UsageGroup) => JSON.stringify([windowStartMs, group]);
  const values = new Map(
    input.aggregates.map(({ windowStartMs, group, value }) => [keyOf(windowStartMs, group), value]),
  );
  const empty = emptyValue(input.aggregation);
  return Array.from({ length: layout.rows }, (_, row) => {
    const position = layout.firstGroup + row;
    const group = defined(groups[position % groups.length], 'the group of a row');
    const window = windows.at(layout.firstWindow + Math.floor(position / groups.length));
    return { ...window, group, value: values.get(keyOf(window.fromMs, group)) ?? empty };
  });
}

/** Nothing happened: none were counted, but there is no least, greatest, mean or latest of none. */
function emptyValue(aggregation: Aggregation): string | null {
  switch (aggregation) {
    case 'count':
    case 'sum':
    case 'unique_count':
      return '0';
    case 'min':
    case 'max':
    case 'avg':
    case 'latest':
      return null;
  }
}
