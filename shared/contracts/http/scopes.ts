import { z } from 'zod';

/**
 * What a key may do. `operator` runs the installation: it includes every other scope and may create tenants and
 * keys of any tenant.
 */
export const SCOPES = [
  'operator',
  'tenant:read',
  'keys:read',
  'keys:write',
  'events:read',
  'events:write',
  'meters:read',
  'meters:write',
  'usage:read',
  'customers:read',
  'customers:write',
  'plans:read',
  'plans:write',
  'subscriptions:read',
  'subscriptions:write',
  'invoices:read',
  'clock:read',
  'clock:write',
  'metrics:read',
] as const;

export const scopeSchema = z.enum(SCOPES).meta({ id: 'Scope' });
export type Scope = (typeof SCOPES)[number];

/** Whether a key with these scopes may do what needs `scope`. */
export function grants(scopes: readonly string[], scope: Scope): boolean {
  return scopes.includes('operator') || scopes.includes(scope);
}
