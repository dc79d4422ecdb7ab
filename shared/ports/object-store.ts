import type { Result } from '../kernel/result.ts';

/**
 * Objects under keys like `chunks/2026-11-24/….zst`: S3's model, strongly consistent. Throws StoreError. A key has at
 * most 1,024 bytes of UTF-8 in segments that a folder can hold (LIMITS.objectKeySegmentBytes), none of them empty, `.`
 * or `..`, and no control characters; anything else is the caller's bug.
 */
export interface ObjectStore {
  /** Durable when it resolves. With `ifAbsent`, an existing object stays as it is and the answer says so. */
  put(input: {
    readonly key: string;
    readonly body: Uint8Array;
    readonly ifAbsent?: boolean;
  }): Promise<Result<void, { readonly kind: 'exists' }>>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** The bytes from `start` to before `end`, fewer where the object ends before, and its whole size. */
  getRange(input: {
    readonly key: string;
    readonly start: number;
    readonly end: number;
  }): Promise<{ readonly bytes: Uint8Array; readonly size: number } | undefined>;
  /** Keys in ascending order of their UTF-8, at most `limit`; `next`, to be passed as `startAfter`, while there are more. */
  list(input: {
    readonly prefix: string;
    readonly limit: number;
    readonly startAfter?: string;
  }): Promise<{ readonly keys: readonly string[]; readonly next?: string }>;
  /** An object that is not there is deleted. */
  delete(key: string): Promise<void>;
}
