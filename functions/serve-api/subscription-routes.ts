import { cancelSubscription } from '../../shared/app/subscriptions/cancel-subscription.ts';
import { createSubscription } from '../../shared/app/subscriptions/create-subscription.ts';
import { patchSubscription } from '../../shared/app/subscriptions/patch-subscription.ts';
import {
  currentPeriod,
  listSubscriptions,
  readSubscription,
  type SubscriptionAt,
} from '../../shared/app/subscriptions/read-subscription.ts';
import { tenantNowMs } from '../../shared/app/tenants/read-tenant.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { ok } from '../../shared/kernel/result.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import { type Binding, bind, replyOnce, tenantOf } from '../_kit/call.ts';
import { etagHeader } from '../_kit/etag.ts';
import { listReply } from '../_kit/list.ts';
import type { Reply } from '../_kit/response.ts';
import type { ServeApiDeps } from './deps.ts';
import { instantOrNull } from './wire.ts';

export function subscriptionRoutes(deps: ServeApiDeps): readonly Binding[] {
  return [
    bind(ROUTES.createSubscription, (call) => {
      const { startsAt: startsAtMs, anchor: anchorMs, ...body } = call.body;
      const anchor = anchorMs === undefined ? {} : { anchorMs };
      return replyOnce({
        call,
        reply: (created: SubscriptionAt) => subscriptionReply(201, created),
        change: (alongside) =>
          createSubscription(deps)({ ...body, ...anchor, startsAtMs, tenant: tenantOf(call), alongside }),
      });
    }),
    bind(ROUTES.listSubscriptions, async (call) => {
      const { customer } = call.query;
      const tenant = tenantOf(call);
      const nowMs = await tenantNowMs(deps, tenant);
      const where = { tenant: tenant.key, ...(customer === undefined ? {} : { customer }) };
      return listReply({
        operationId: ROUTES.listSubscriptions.operationId,
        query: call.query,
        read: async (request) => ok(await listSubscriptions(deps)({ ...request, ...where })),
        toWire: (subscription) => subscriptionToWire({ subscription, nowMs }),
      });
    }),
    bind(ROUTES.getSubscription, async (call) => {
      const tenant = tenantOf(call);
      const found = await readSubscription({ items: deps.items, tenant: tenant.key, key: call.params.key });
      if (!found.ok) return found;
      const nowMs = await tenantNowMs(deps, tenant);
      return ok(subscriptionReply(200, { subscription: found.value, nowMs }));
    }),
    bind(ROUTES.patchSubscription, async (call) => {
      const { params, ifMatch, body } = call;
      const tenant = tenantOf(call);
      const patched = await patchSubscription(deps)({
        ...body,
        tenant: tenant.key,
        key: params.key,
        ifMatch,
      });
      if (!patched.ok) return patched;
      const nowMs = await tenantNowMs(deps, tenant);
      return ok(subscriptionReply(200, { subscription: patched.value, nowMs }));
    }),
    bind(ROUTES.cancelSubscription, (call) =>
      replyOnce({
        call,
        reply: (canceled: SubscriptionAt) => subscriptionReply(200, canceled),
        change: (alongside) =>
          cancelSubscription(deps)({
            ...call.body,
            tenant: tenantOf(call),
            key: call.params.key,
            alongside,
          }),
      }),
    ),
  ];
}

function subscriptionReply(status: number, at: SubscriptionAt): Reply {
  return { status, body: subscriptionToWire(at), headers: etagHeader(at.subscription.etag) };
}

function subscriptionToWire(at: SubscriptionAt) {
  const { subscription } = at;
  const { key, customer, plan, version, currency, timeZone, quantity, status, metadata } = subscription;
  const period = currentPeriod(at);
  return {
    key,
    customer,
    plan,
    version,
    currency,
    startsAt: formatInstant(subscription.startsAtMs),
    anchor: formatInstant(subscription.anchorMs),
    timeZone,
    quantity,
    status,
    cancelAt: instantOrNull(subscription.cancelAtMs),
    endedAt: instantOrNull(subscription.endedAtMs),
    currentPeriod:
      period === null ? null : { from: formatInstant(period.startMs), to: formatInstant(period.endMs) },
    metadata,
    createdAt: formatInstant(subscription.createdAtMs),
  };
}
