import { defined } from '../../kernel/assert.ts';
import type { Clock } from '../../ports/clock.ts';

/** Remembers values for a short while, at most `entriesMax` of them; the least recently used go first. */
interface RecentCache<V> {
  get(key: string): V | undefined;
  /** `sinceMs`: before the value was read; its age counts from there. */
  set(key: string, value: V, sinceMs: number): void;
}

export function createRecentCache<V>(input: {
  readonly clock: Clock;
  readonly entriesMax: number;
  readonly ttlMs: number;
}): RecentCache<V> {
  const entries = new Map<string, { readonly sinceMs: number; readonly value: V }>();
  return {
    get: (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      const ageMs = input.clock.nowMs() - entry.sinceMs;
      // A clock that went back makes the age negative: then nothing is known about it.
      if (ageMs < 0 || ageMs >= input.ttlMs) return undefined;
      entries.set(key, entry);
      return entry.value;
    },
    set: (key, value, sinceMs) => {
      entries.delete(key);
      entries.set(key, { sinceMs, value });
      if (entries.size > input.entriesMax)
        entries.delete(defined(entries.keys().next().value, 'the oldest entry'));
    },
  };
}
