import type { ObjectsUnderTest } from './objects-builders.ts';
import { describeObjectKeys } from './objects-keys.ts';
import { describeObjectLists } from './objects-lists.ts';
import { describeObjectRanges } from './objects-ranges.ts';
import { describeObjectWrites } from './objects-writes.ts';

/** What every implementation of the port must do. */
export function objectsContract(subject: ObjectsUnderTest): void {
  describeObjectWrites(subject);
  describeObjectKeys(subject);
  describeObjectLists(subject);
  describeObjectRanges(subject);
}
