/** What clients know of the clocks of test tenants. */
export interface AdvanceLedger {
  /** A request for an advance leaves, at true time `startedMs`. */
  ask(tenant: string, toMs: number, startedMs: number): void;
  /**
   * When the first request left that can have moved the clock to the instant: what was accepted before is counted once the
   * clock is said to be complete there. Null where nobody asked for it.
   */
  askedMs(tenant: string, instantMs: number): number | null;
}

export function createAdvanceLedger(): AdvanceLedger {
  const asked = new Map<string, { readonly toMs: number; readonly startedMs: number }[]>();
  return {
    ask: (tenant, toMs, startedMs) => {
      asked.set(tenant, [...(asked.get(tenant) ?? []), { toMs, startedMs }]);
    },
    askedMs: (tenant, instantMs) => {
      const reaching = (asked.get(tenant) ?? []).filter(({ toMs }) => toMs >= instantMs);
      return reaching.length === 0 ? null : Math.min(...reaching.map(({ startedMs }) => startedMs));
    },
  };
}
