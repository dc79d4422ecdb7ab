import type { Result } from '../kernel/result.ts';

/** Objects under keys like `chunks/2026-11-24/….zst`: S3's model, strongly consistent. Throws StoreError. */
export interface ObjectStore {
  /** Durable when it resolves. With `ifAbsent`, an existing object stays as it is and the answer says so. */
  put(input: {
    readonly key: string;
    readonly body: Uint8Array;
    readonly ifAbsent?: boolean;
  }): Promise<Result<void, { readonly kind: 'exists' }>>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** Keys in ascending order, at most `limit`. */
  list(input: {
    readonly prefix: string;
    readonly limit: number;
    readonly startAfter?: string;
  }): Promise<{ readonly keys: readonly string[]; readonly next?: string }>;
  delete(key: string): Promise<void>;
}
