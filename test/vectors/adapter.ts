/** The two sides of a case in one shape, equal if we do as the case says. */
export interface Comparison {
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Translates a case into calls of the product, and both answers into one shape. It refuses what it does not know. */
export type Adapter = (vector: {
  readonly config: unknown;
  readonly usage: unknown;
  readonly expected: unknown;
}) => Comparison;
