/** What the rows of one hour come to, by their signs. */
export interface RollupTotals {
  /** Start of the hour. */
  readonly hourMs: number;
  /** Decimal integer. */
  readonly rows: string;
  /** Decimal. */
  readonly quantity: string;
  /** Of the rows' contents, by the store's own hash: equal where the same rows stand. */
  readonly fingerprint: string;
}

export function sameTotals(left: readonly RollupTotals[], right: readonly RollupTotals[]): boolean {
  return (
    left.length === right.length &&
    left.every((one, index) => {
      const other = right[index];
      return (
        other !== undefined &&
        one.hourMs === other.hourMs &&
        one.rows === other.rows &&
        one.quantity === other.quantity &&
        one.fingerprint === other.fingerprint
      );
    })
  );
}
