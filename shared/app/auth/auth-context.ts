import type { RateLimits } from '../records/rate-limits.ts';
import type { TenantRecord } from '../records/tenant.ts';

/** Who calls, as proved by the key. */
export interface AuthContext {
  readonly keyId: string;
  /** As it was at most two seconds ago; null for keys of the operator. What a test clock decides is read anew. */
  readonly tenant: TenantRecord | null;
  readonly scopes: readonly string[];
  /** The key's own, beside those of its tenant. */
  readonly limits: RateLimits;
}
