import { createKey } from '../../shared/app/keys/create-key.ts';
import type { IssuedKey } from '../../shared/app/keys/issue-key.ts';
import { listKeys } from '../../shared/app/keys/list-keys.ts';
import { readKey } from '../../shared/app/keys/read-key.ts';
import { revokeKey } from '../../shared/app/keys/revoke-key.ts';
import type { ApiKeyRecord } from '../../shared/app/records/api-key.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import { ok } from '../../shared/kernel/result.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import { type Binding, bind, callerOf, replyOnce } from '../_kit/call.ts';
import { listReply } from '../_kit/list.ts';
import type { Reply } from '../_kit/response.ts';
import type { ServeApiDeps } from './deps.ts';
import { instantOrNull } from './wire.ts';

export function keyRoutes(deps: ServeApiDeps): readonly Binding[] {
  return [
    bind(ROUTES.createKey, (call) => {
      const { expiresAt, ...body } = call.body;
      return replyOnce({
        call,
        reply: createdReply,
        change: (alongside) =>
          createKey(deps)({ ...body, caller: callerOf(call), expiresAtMs: expiresAt ?? null, alongside }),
      });
    }),
    bind(ROUTES.listKeys, (call) => {
      const { tenant } = call.query;
      const caller = callerOf(call);
      return listReply({
        operationId: ROUTES.listKeys.operationId,
        query: call.query,
        read: (request) =>
          listKeys(deps)({ ...request, caller, ...(tenant === undefined ? {} : { tenant }) }),
        toWire: keyToWire,
      });
    }),
    bind(ROUTES.getKey, async (call) => {
      const found = await readKey({ items: deps.items, caller: callerOf(call), id: call.params.id });
      return found.ok ? ok(keyReply(found.value)) : found;
    }),
    bind(ROUTES.revokeKey, (call) =>
      replyOnce({
        call,
        reply: keyReply,
        change: (alongside) => revokeKey(deps)({ caller: callerOf(call), id: call.params.id, alongside }),
      }),
    ),
  ];
}

function createdReply({ record, secret }: IssuedKey): Reply {
  return { status: 201, body: { ...keyToWire(record), secret } };
}

function keyReply(record: ApiKeyRecord): Reply {
  return { status: 200, body: keyToWire(record) };
}

/** Field by field: the hash of the secret stays inside. */
function keyToWire(key: ApiKeyRecord) {
  const { id, name, tenant, mode, scopes, limits } = key;
  return {
    id,
    name,
    tenant,
    mode,
    scopes,
    limits,
    createdAt: formatInstant(key.createdAtMs),
    expiresAt: instantOrNull(key.expiresAtMs),
    revokedAt: instantOrNull(key.revokedAtMs),
  };
}
