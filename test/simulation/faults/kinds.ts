/** What may go wrong with one call of a port, or by itself (`world`). */
export type FaultKind =
  /** Nothing was done; the caller may or may not know that. */
  | 'error_before'
  /** Done, but the answer is lost. */
  | 'error_after'
  | 'throttled'
  /** Done or answered much later than usual. */
  | 'delay'
  /** An older call of the same port is overtaken; records of one call change places. */
  | 'reorder'
  /** Done twice, as a client does that tries again on its own; the second answer counts. */
  | 'duplicate'
  /** A part of a batch fails, of a page is answered, of an insert is done. */
  | 'partial'
  /** The process dies with the call under way; it may arrive nevertheless. */
  | 'crash_before'
  /** The process dies when the call is done, before it learns of that. */
  | 'crash_after'
  /** The server of analytics dies: it keeps the token of an insert without its rows. */
  | 'token_without_rows'
  /** The answer is lost while the statement runs on. */
  | 'runs_on'
  /** The clock of a component is set. */
  | 'skew'
  /** Another consumer starts on the shard while the first one still works. */
  | 'two_consumers';

/**
 * Which faults each port must show: all of them strike in every long run, or the run has failed. A method that cannot have
 * one of them leaves it to the others of its port; one that is rarely called may have others besides.
 */
export const PORT_FAULTS = {
  items: [
    'error_before',
    'error_after',
    'throttled',
    'delay',
    'reorder',
    'duplicate',
    'partial',
    'crash_before',
    'crash_after',
  ],
  objects: [
    'error_before',
    'error_after',
    'throttled',
    'delay',
    'reorder',
    'duplicate',
    'crash_before',
    'crash_after',
  ],
  stream_put: [
    'error_before',
    'error_after',
    'throttled',
    'delay',
    'reorder',
    'duplicate',
    'partial',
    'crash_before',
    'crash_after',
  ],
  stream_read: ['error_before', 'throttled', 'delay', 'partial', 'crash_before'],
  analytics_insert: [
    'error_before',
    'error_after',
    'throttled',
    'delay',
    'reorder',
    'duplicate',
    'partial',
    'token_without_rows',
    'runs_on',
    'crash_before',
    'crash_after',
  ],
  analytics_check: ['error_before', 'throttled', 'delay', 'crash_before'],
  analytics_read: ['error_before', 'throttled', 'delay', 'crash_before'],
  clock: ['delay', 'skew', 'crash_before'],
  delivery: ['error_before', 'error_after', 'delay', 'duplicate', 'two_consumers'],
  http: ['error_before', 'error_after', 'delay', 'duplicate'],
} as const satisfies Readonly<Record<string, readonly FaultKind[]>>;

export type PortName = keyof typeof PORT_FAULTS;
export const PORTS = Object.keys(PORT_FAULTS) as readonly PortName[];

/** What happens to the whole installation, or what its users do to it at the worst moment: one actor each. */
export const WORLD_EVENTS = [
  'poison_envelope',
  'refused_tenant',
  'analytics_down',
  'dedupe_window_passed',
  'resharding',
  'all_restarted',
  'catalogue_change',
  'clock_advance',
  'close',
  'correction',
  'attribution',
] as const;
export type WorldEvent = (typeof WORLD_EVENTS)[number];

/** How often each of them must strike in a long run. */
export const STRIKES_MIN = 10;
