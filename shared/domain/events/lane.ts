import { hashModulo } from '../../kernel/hash.ts';
import { LIMITS } from '../../kernel/limits.ts';

/** An ordered sub-stream: `17`, or `17.3` for the third sub-lane of a large tenant. Also the partition key. */
export type Lane = string;

/** Which of so many parts of its tenant an event belongs to; sub-lanes and the slots of packed claims both go by this. */
export function eventPart(
  { source, id }: { readonly source: string; readonly id: string },
  parts: number,
): number {
  return parts === 1 ? 0 : hashModulo(JSON.stringify([source, id]), parts);
}

/** Every tenant's events go through one lane, so that one fence orders them all. */
export function laneOfTenant(tenant: string): Lane {
  return String(hashModulo(tenant, LIMITS.lanes));
}

/** The lanes that together hold all of a tenant's events; a watermark needs the fence to pass in each. */
export function lanesOfTenant(tenant: string): readonly Lane[] {
  return [laneOfTenant(tenant)];
}

export function allLanes(): readonly Lane[] {
  return Array.from({ length: LIMITS.lanes }, (_, index) => String(index));
}
