import { z } from 'zod';

/** The format of a configuration item; readers understand this one and the one before. */
export const ITEM_FORMAT = 1;

export const itemFormat = z.literal(ITEM_FORMAT);
export const epochMs = z.int();
export const metadataAttribute = z.record(z.string(), z.string());

/** Attributes without those that are null or undefined: in the store, nothing is an absent attribute. */
export function present<T extends Record<string, unknown>>(
  attributes: T,
): { [K in keyof T]: Exclude<T[K], null | undefined> } {
  const entries = Object.entries(attributes).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], null | undefined> };
}
