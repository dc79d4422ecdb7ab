import type { ChainBase, EventVersion } from './chain.ts';

/** What a job finds of an event that it counts again. */
export interface Recount {
  readonly source: string;
  readonly id: string;
  readonly job: string;
  readonly scope:
    | { readonly kind: 'attribution' }
    /** Only this meter, by its version or a later one. */
    | { readonly kind: 'meter'; readonly meter: string; readonly version: number }
    /** Takes the event back, as if it had never been sent. */
    | { readonly kind: 'revert' };
  /** What the tables say of the event: right while nothing has changed it since. */
  readonly found: { readonly shown: EventVersion; readonly rows: ChainBase['rows'] };
  /** Which of the event's rows the job saw: 0 for the first. */
  readonly eventLink: number;
}
