import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import type { ChunkPlan } from '../../domain/metering/chunk-plan.ts';
import {
  ANALYTICS_TABLES,
  CHANGE_ACTIONS,
  CHANGE_STATUSES,
  EVENT_STATUSES,
} from '../../domain/metering/rows.ts';
import { assert, defined } from '../../kernel/assert.ts';
import { uuidTimeMs } from '../../kernel/ids.ts';
import { dayText } from '../../kernel/time.ts';
import type { ObjectStore } from '../../ports/object-store.ts';

const origin = {
  tenant: z.string(),
  chunk: z.string(),
  fence: z.int(),
  revision: z.int(),
  rowHash: z.string(),
};
const sentEvent = {
  source: z.string(),
  id: z.string(),
  type: z.string(),
  customerReference: z.string(),
  timeMs: z.int(),
  timeSent: z.boolean(),
  receivedAtMs: z.int(),
  properties: z.string(),
  fingerprint: z.string(),
};
const eventRow = z.strictObject({
  ...origin,
  link: z.int().default(0),
  ...sentEvent,
  customer: z.string(),
  status: z.enum(EVENT_STATUSES),
  reason: z.string(),
});
const usageRow = z.strictObject({
  ...origin,
  meter: z.string(),
  meterVersion: z.int(),
  customer: z.string(),
  source: z.string(),
  id: z.string(),
  timeMs: z.int(),
  quantity: z.string(),
  uniqueKey: z.string(),
  dimensions: z.string(),
  generation: z.int(),
  sign: z.union([z.literal(1), z.literal(-1)]),
});
const resendRow = z.strictObject({
  ...origin,
  ...sentEvent,
  ownerChunk: z.string(),
  differs: z.boolean(),
  ownerFingerprint: z.string(),
});
const quarantineRow = z.strictObject({
  ...origin,
  entry: z.string(),
  meter: z.string(),
  source: z.string(),
  id: z.string(),
  customer: z.string(),
  type: z.string(),
  timeMs: z.int(),
  receivedAtMs: z.int(),
  code: z.string(),
  message: z.string(),
  content: z.string(),
});
const changeRow = z.strictObject({
  ...origin,
  source: z.string(),
  id: z.string(),
  link: z.int(),
  correction: z.int(),
  action: z.enum(CHANGE_ACTIONS),
  status: z.enum(CHANGE_STATUSES),
  reason: z.string(),
  job: z.string(),
  fingerprint: z.string(),
  timeMs: z.int(),
  payload: z.string(),
});
const planSchema = z.strictObject({
  // Version 1 knew no changes of events.
  v: z.union([z.literal(1), z.literal(2)]).transform(() => 2 as const),
  chunk: z.string(),
  plannedAtMs: z.int(),
  revisions: z.record(z.string(), z.int()),
  anyTime: z.boolean().default(false),
  rows: z.strictObject({
    events: z.array(eventRow),
    usage: z.array(usageRow),
    resends: z.array(resendRow),
    quarantine: z.array(quarantineRow),
    changes: z.array(changeRow).default([]),
  }),
  parts: z.array(
    z.strictObject({
      table: z.enum(ANALYTICS_TABLES),
      partition: z.string(),
      rows: z.int().positive(),
      fingerprint: z.string(),
    }),
  ),
}) satisfies z.ZodType<ChunkPlan>;

/** `plans/<day>/<chunk>.json.zst`; the day is the one in the chunk's id. */
function planKey(chunk: string): string {
  return `plans/${dayText(defined(uuidTimeMs(chunk), 'the time of a chunk id'))}/${chunk}.json.zst`;
}

/** Writes the plan unless there is one; answers the plan that holds, which is the first that was written. */
export async function putPlanOnce(objects: ObjectStore, plan: ChunkPlan): Promise<ChunkPlan> {
  const body = zstdCompressSync(Buffer.from(JSON.stringify(plan), 'utf8'));
  const written = await objects.put({ key: planKey(plan.chunk), body, ifAbsent: true });
  return written.ok ? plan : await getPlan(objects, plan.chunk);
}

export async function getPlan(objects: ObjectStore, chunk: string): Promise<ChunkPlan> {
  return defined(await findPlan(objects, chunk), `plan of chunk ${chunk}`);
}

/** Null while the chunk has not planned. */
export async function findPlan(objects: ObjectStore, chunk: string): Promise<ChunkPlan | null> {
  const body = await objects.get(planKey(chunk));
  if (body === undefined) return null;
  const plan = planSchema.parse(JSON.parse(zstdDecompressSync(body).toString('utf8')));
  assert(plan.chunk === chunk, `the plan of ${chunk} is one of ${plan.chunk}`);
  return plan;
}
