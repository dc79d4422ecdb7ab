/** Cases that we answer otherwise, by id, with the reason. */
export const DIFFERENCES: ReadonlyMap<string, string> = new Map([
  [
    'OA024',
    'A volume price of a period that is not over: they bill nothing before its last line, our increment is F(after) - F(before).',
  ],
  [
    'OA102',
    'A flaw of theirs: both quantities of a split are rounded up on their own and make 4; we convert the total, which makes 3.',
  ],
  [
    'OA103',
    'They refuse a conversion before a package price; bytes sold in packages of gigabytes need both, and their order is fixed.',
  ],
]);
