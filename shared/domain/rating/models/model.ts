import type { FieldIssue } from '../../../kernel/errors.ts';
import type { ExactLine, Units } from '../line.ts';

/** All that the rest of rating knows of a price model. */
export interface ModelRules<ModelPrice> {
  /** What the shape alone does not show to be wrong; `path` names the price. */
  check(price: ModelPrice, path: string): readonly FieldIssue[];
  /** The parts of the amount for so many units, none negative; together they are the amount. */
  rate(price: ModelPrice, units: Units): readonly ExactLine[];
}
