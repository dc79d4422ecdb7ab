import { assert } from '../../kernel/assert.ts';
import { assertPosition } from '../stream-limits.ts';

/** SQLite's integers have 64 bits; this many digits always fit. */
const POSITION_DIGITS = 18;

/** A position that SQLite gave, as SQLite has it. Throws InvariantError on any other. */
export function toRowPosition(position: string): number {
  assertPosition(position);
  assert(position.length <= POSITION_DIGITS, 'the position is of another stream');
  return Number(position);
}
