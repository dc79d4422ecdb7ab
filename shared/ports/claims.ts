/** Who an event is: (tenant, source, id). */
export interface EventIdentity {
  readonly tenant: string;
  readonly source: string;
  readonly id: string;
}

export interface ClaimedIdentity extends EventIdentity {
  /** The event's time, epoch ms, and whether its client sent it: where a tenant packs by time, it names the claim's place. */
  readonly timeMs: number;
  readonly timeSent: boolean;
}

/**
 * How a deployment keeps claims. One that runs in several processes goes from `exact` over `packed-transition` to `packed`,
 * each everywhere before the next begins anywhere; one process alone may go from `exact` to `packed`. Never back from there.
 */
export type ClaimsMode =
  | { readonly kind: 'exact' | 'packed-transition' }
  /** Until then exact claims from before are looked for, epoch ms. */
  | { readonly kind: 'packed'; readonly exactUntilMs: number };

/**
 * Says which chunk owns an event. A claim is settled when `settle` resolves, is durable, and never changes owner
 * before it expires. Throws StoreError; claims made before the throw stay, and settling again gives the same owners.
 */
export interface Claims {
  /**
   * The owner of each identity, in order: `chunk` itself where this call or an earlier one of `chunk` won. The chunk was staged
   * before, with everything that it claims. `nowMs`: wall time.
   */
  settle(input: {
    readonly chunk: string;
    readonly identities: readonly ClaimedIdentity[];
    readonly nowMs: number;
  }): Promise<readonly string[]>;
}
