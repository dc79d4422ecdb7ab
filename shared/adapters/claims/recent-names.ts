import { defined } from '../../kernel/assert.ts';

/** Remembers which names were used lately, at most so many. */
export interface RecentNames {
  has(name: string): boolean;
  add(name: string): void;
}

export function createRecentNames(namesMax: number): RecentNames {
  const names = new Set<string>();
  return {
    has: (name) => names.has(name),
    add: (name) => {
      names.delete(name);
      names.add(name);
      if (names.size > namesMax) names.delete(defined(names.values().next().value, 'the oldest name'));
    },
  };
}
