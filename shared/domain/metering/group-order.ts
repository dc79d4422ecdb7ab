/** Values of the dimensions that a question groups by, in its order; null where an event has none. */
export type UsageGroup = readonly (string | null)[];

/** Lists by their first difference, null before every text, texts by their UTF-8 bytes. */
export function compareGroups(left: UsageGroup, right: UsageGroup): number {
  for (let index = 0; index < left.length; index += 1) {
    const order = compareValues(left[index] ?? null, right[index] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(left: string | null, right: string | null): number {
  if (left === null || right === null) return Number(right === null) - Number(left === null);
  return compareUtf8(left, right);
}

/** The order of UTF-8 bytes is that of code points; UTF-16, the order of `<`, puts U+10000 and up too low. */
export function compareUtf8(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  let index = 0;
  while (index < length && left.charCodeAt(index) === right.charCodeAt(index)) index += 1;
  if (index === length) return left.length - right.length;
  return sortable(left.charCodeAt(index)) - sortable(right.charCodeAt(index));
}

/** Moves surrogates, which stand for the highest code points, above all other code units. */
function sortable(codeUnit: number): number {
  return codeUnit >= 0xd800 && codeUnit <= 0xdfff ? codeUnit + 0x10000 : codeUnit;
}
