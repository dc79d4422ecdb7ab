/** Where a command writes. Errors and progress go to `err`, what was asked for to `out`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether somebody watches stderr, so that a progress bar makes sense. */
  readonly isWatched: boolean;
}

const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029]/gu;

/** Text of files and servers on one line: it must not move the cursor or pass for lines of ours. */
export function oneLine(text: string, lengthMax = 500): string {
  const plain = text.replace(CONTROL, '\uFFFD');
  return plain.length > lengthMax ? `${plain.slice(0, lengthMax)}…` : plain;
}

/** 19366 -> "19,366", whatever the locale of the machine. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
