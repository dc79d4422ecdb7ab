/** Who an event is: (tenant, source, id). */
export interface EventIdentity {
  readonly tenant: string;
  readonly source: string;
  readonly id: string;
}

/**
 * Says which chunk owns an event. A claim is settled when `settle` resolves, is durable, and never changes owner
 * before it expires. Throws StoreError; claims made before the throw stay, and settling again gives the same owners.
 */
export interface Claims {
  /** The owner of each identity, in order: `chunk` itself where this call or an earlier one of `chunk` won. */
  settle(input: {
    readonly chunk: string;
    readonly identities: readonly EventIdentity[];
    readonly nowMs: number;
  }): Promise<readonly string[]>;
}
