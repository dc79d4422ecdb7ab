const DAY_MS = 86_400_000;

/** Where plans write the rows of one meter and UTC day, from one catalogue revision of the tenant on. */
export interface GenerationEntry {
  readonly generation: number;
  readonly sinceRevision: number;
}

/** The generation of a row; the same whenever it is asked, for what begins later begins at a later revision. */
export type GenerationOf = (row: {
  readonly tenant: string;
  /** The catalogue revision that the row was planned with. */
  readonly revision: number;
  readonly meter: string;
  readonly timeMs: number;
}) => number;

/** The greatest generation that a plan of the revision knows of; 0 before the first. */
export function generationAt(entries: readonly GenerationEntry[], revision: number): number {
  const known = entries.filter(({ sinceRevision }) => sinceRevision <= revision);
  return Math.max(0, ...known.map(({ generation }) => generation));
}

/** The start of the UTC day of an instant. */
export function utcDayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS) * DAY_MS;
}

/** Of which generation the rollups of a day are read; days that are not named: 0. */
export interface DayGeneration {
  readonly dayMs: number;
  readonly generation: number;
}
