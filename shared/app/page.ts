/** A page of a list by key. `startAfter` is the `next` of the page before. */
export interface PageRequest {
  readonly limit: number;
  readonly startAfter?: string;
}

export interface Page<T> {
  readonly records: readonly T[];
  /** Absent at the end. */
  readonly next?: string;
}
