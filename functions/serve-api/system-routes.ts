import { openApiDocument } from '../../shared/contracts/http/openapi.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { OPENMETRICS_TYPE } from '../../shared/contracts/http/system.ts';
import { appError } from '../../shared/kernel/errors.ts';
import { err, ok } from '../../shared/kernel/result.ts';
import { type Binding, bind } from '../_kit/call.ts';
import type { ServeApiDeps } from './deps.ts';

export function systemRoutes(deps: ServeApiDeps): readonly Binding[] {
  let openApi: string | undefined;
  const metrics = deps.publicMetrics ? { ...ROUTES.getMetrics, scope: 'public' as const } : ROUTES.getMetrics;
  return [
    bind(ROUTES.getHealth, async () =>
      (await deps.isReady())
        ? ok({ status: 200, body: { status: 'ready' } })
        : err(appError('service.unavailable', 'The service is starting or stopping.')),
    ),
    bind(metrics, async () => {
      const content = await deps.registry.metrics();
      return ok({ status: 200, text: { contentType: OPENMETRICS_TYPE, content } });
    }),
    bind(ROUTES.getOpenApi, async () => {
      openApi ??= JSON.stringify(openApiDocument());
      return ok({ status: 200, text: { contentType: 'application/json', content: openApi } });
    }),
  ];
}
