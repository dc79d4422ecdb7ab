/** Tables of the item store; on AWS the stage's prefix comes before. `byOwner` is the index of `main`. */
export const TABLES = { main: 'main', claims: 'claims', outbox: 'outbox' } as const;
export const INDEXES = { byOwner: 'byOwner' } as const;
/** Tables with a change feed, which every write of them pays for. */
export const FEED_TABLES = [TABLES.outbox] as const;
