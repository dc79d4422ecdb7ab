import { advanceClock } from '../../shared/app/clock/advance-clock.ts';
import { getClock, resetClock, setClock, type TenantClock } from '../../shared/app/clock/tenant-clock.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { ok } from '../../shared/kernel/result.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import { type Binding, bind, tenantOf } from '../_kit/call.ts';
import type { Reply } from '../_kit/response.ts';
import type { ServeApiDeps } from './deps.ts';

export function clockRoutes(deps: ServeApiDeps): readonly Binding[] {
  return [
    bind(ROUTES.getClock, async (call) => {
      const clock = await getClock(deps)(tenantOf(call));
      return ok({ ...clockReply(clock), status: 200 });
    }),
    bind(ROUTES.putClock, async (call) => {
      const set = await setClock(deps)({ tenant: tenantOf(call), nowMs: call.body.now });
      return set.ok ? ok(clockReply(set.value)) : set;
    }),
    bind(ROUTES.advanceClock, async (call) => {
      const advanced = await advanceClock(deps)({ tenant: tenantOf(call), toMs: call.body.to });
      return advanced.ok ? ok(clockReply(advanced.value)) : advanced;
    }),
    bind(ROUTES.deleteClock, async (call) => {
      const reset = await resetClock(deps)({ tenant: tenantOf(call) });
      return reset.ok ? ok(clockReply(reset.value)) : reset;
    }),
  ];
}

function clockReply({ nowMs, status, advancingToMs }: TenantClock): Reply {
  const target = advancingToMs === undefined ? {} : { advancingTo: formatInstant(advancingToMs) };
  return { status: status === 'ready' ? 200 : 202, body: { now: formatInstant(nowMs), status, ...target } };
}
