/** The first of them that one answer of so many bytes may hold: at least one if there is one. */
export function withinBytes<T>(input: {
  readonly records: Iterable<T>;
  readonly bytesOf: (record: T) => number;
  readonly bytesMax: number;
}): readonly T[] {
  const taken: T[] = [];
  let bytes = 0;
  for (const record of input.records) {
    bytes += input.bytesOf(record);
    if (taken.length > 0 && bytes > input.bytesMax) break;
    taken.push(record);
  }
  return taken;
}
