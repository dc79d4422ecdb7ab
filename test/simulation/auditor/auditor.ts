import { type AdvanceLedger, createAdvanceLedger } from './advances.ts';
import { type CorrectionLedger, createCorrectionLedger } from './corrections.ts';
import { createEventLedger, type EventLedger } from './ledger.ts';
import { createVerdict, type Verdict } from './verdict.ts';

/** Knows what clients sent and which answers they got, and nothing of what happens inside. */
export interface Auditor {
  readonly events: EventLedger;
  readonly corrections: CorrectionLedger;
  readonly advances: AdvanceLedger;
  readonly verdict: Verdict;
  /** Records of a tenant that cannot be read, by how many there are. */
  readonly poisoned: Map<string, number>;
  /** Finalized invoices as they were read, by tenant and id. */
  readonly finalized: Map<string, string>;
}

export function createAuditor(): Auditor {
  return {
    events: createEventLedger(),
    corrections: createCorrectionLedger(),
    advances: createAdvanceLedger(),
    verdict: createVerdict(),
    poisoned: new Map(),
    finalized: new Map(),
  };
}
