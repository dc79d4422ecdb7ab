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

/** Every tenant has one lane, in which fences order all that it sends, unless it has sub-lanes. */
export function laneOfTenant(tenant: string): Lane {
  return String(hashModulo(tenant, LIMITS.lanes));
}

/** Where an event of a tenant with so many sub-lanes goes. */
export function laneOfEvent(
  tenant: string,
  event: { readonly source: string; readonly id: string },
  subLanes: number,
): Lane {
  const lane = laneOfTenant(tenant);
  return subLanes === 1 ? lane : `${lane}.${eventPart(event, subLanes)}`;
}

/**
 * The lanes that together hold all of a tenant's events; a watermark needs the fence to pass in each. Numbers of sub-lanes
 * only rise by doubling, so that the lanes of fewer are among those of more.
 */
export function lanesOfTenant(tenant: string, subLanes: number): readonly Lane[] {
  const lane = laneOfTenant(tenant);
  if (subLanes === 1) return [lane];
  return [lane, ...Array.from({ length: subLanes }, (_, index) => `${lane}.${index}`)];
}

/** Without sub-lanes. */
export function allLanes(): readonly Lane[] {
  return Array.from({ length: LIMITS.lanes }, (_, index) => String(index));
}
