import type { Temporal } from 'temporal-polyfill';

/** Units whose length depends on the calendar and the clocks of a place. */
export type DateUnit = 'day' | 'week' | 'month' | 'quarter' | 'year';

/** `count` units as a step on the local calendar; quarters are three months. */
export function dateStep(unit: DateUnit, count: number): Temporal.DurationLike {
  switch (unit) {
    case 'day':
      return { days: count };
    case 'week':
      return { weeks: count };
    case 'month':
      return { months: count };
    case 'quarter':
      return { months: 3 * count };
    case 'year':
      return { years: count };
  }
}
