import { BACKFILL_ROUTES } from './backfills.ts';
import { CLOCK_ROUTES } from './clock.ts';
import { CORRECTION_ROUTES } from './corrections.ts';
import { CUSTOMER_CHARGE_ROUTES } from './customer-charges.ts';
import { CUSTOMER_ROUTES } from './customers.ts';
import { EVENT_ROUTES } from './events.ts';
import { INVOICE_ROUTES } from './invoice-routes.ts';
import { JOB_ROUTES } from './jobs.ts';
import { KEY_ROUTES } from './keys.ts';
import { METER_ROUTES } from './meters.ts';
import { PLAN_VERSION_ROUTES } from './plan-versions.ts';
import { PLAN_ROUTES } from './plans.ts';
import type { RouteContract } from './route.ts';
import { SUBSCRIPTION_ROUTES } from './subscriptions.ts';
import { SYSTEM_ROUTES } from './system.ts';
import { TENANT_ROUTES } from './tenants.ts';
import { USAGE_ROUTES } from './usage.ts';

/** Every route of the API, by operation. */
export const ROUTES = {
  ...SYSTEM_ROUTES,
  ...TENANT_ROUTES,
  ...KEY_ROUTES,
  ...EVENT_ROUTES,
  ...CORRECTION_ROUTES,
  ...METER_ROUTES,
  ...USAGE_ROUTES,
  ...JOB_ROUTES,
  ...BACKFILL_ROUTES,
  ...CUSTOMER_ROUTES,
  ...PLAN_ROUTES,
  ...PLAN_VERSION_ROUTES,
  ...SUBSCRIPTION_ROUTES,
  ...INVOICE_ROUTES,
  ...CUSTOMER_CHARGE_ROUTES,
  ...CLOCK_ROUTES,
} as const satisfies Record<string, RouteContract>;
