/** Tables of the item store; on AWS the stage's prefix comes before. `byOwner` is the index of `main`. */
export const TABLES = { main: 'main', claims: 'claims' } as const;
export const INDEXES = { byOwner: 'byOwner' } as const;
