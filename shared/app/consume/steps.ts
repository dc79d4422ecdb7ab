/** What a consumer does, in order. Whatever happens before, in or after a step, running again gives the same result. */
export const CONSUME_STEPS = [
  'decode',
  'record_fences',
  'put_candidates',
  'open_chunk',
  'advance_lanes',
  'claim',
  'put_plan',
  'mark_planned',
  'apply',
  'mark_applied',
  'insert_events',
  'insert_usage',
  'insert_resends',
  'insert_quarantine',
  'insert_changes',
  'commit',
  'pass_fences',
  'drive_owners',
] as const;

export type ConsumeStep = (typeof CONSUME_STEPS)[number];

/** Runs a step: measures it in production, kills the process around it in the crash tests. */
export type StepRunner = <T>(step: ConsumeStep, work: () => Promise<T>) => Promise<T>;
