import type { FileFormat } from './row-source.ts';

/** What the user asked for, checked. */
export interface ImportOptions {
  readonly file: string;
  readonly format: FileFormat;
  readonly delimiter: string;
  readonly maps: readonly string[];
  readonly url: string;
  readonly key: string;
  readonly state: string;
  readonly errors: string | null;
  readonly restart: boolean;
  readonly isQuiet: boolean;
  /** Events per request. */
  readonly batchSize: number;
}
