import { zstdCompressSync } from 'node:zlib';
import type { EnvelopeHeader } from '../../../shared/contracts/envelope.ts';
import { laneOfTenant } from '../../../shared/domain/events/lane.ts';
import type { Random } from '../random.ts';
import type { Stage } from './actor.ts';

const KINDS = ['noise', 'no_body', 'wrong_count', 'wrong_lane', 'wrong_line'] as const;

/** A record that no producer of ours writes reaches the stream: whoever reads it must neither stop nor lose it. */
export async function poisonEnvelope({ world, tenants, auditor }: Stage, random: Random): Promise<void> {
  const { key } = random.pick(tenants);
  const lane = laneOfTenant(key);
  const kind = random.pick(KINDS);
  if (kind === 'noise') {
    const data = Uint8Array.from({ length: random.int(1, 600) }, () => random.int(0, 255));
    await world.stores.stream.putRecords([{ partitionKey: lane, data }]);
    return;
  }
  const header: EnvelopeHeader = {
    v: 1,
    kind: 'events',
    tenant: key,
    lane: kind === 'wrong_lane' ? `${lane}0` : lane,
    producer: 'poison',
    seq: random.int(0, 1_000),
    unacknowledged: [],
    receivedAtMs: world.scheduler.nowMs(),
    count: kind === 'wrong_count' ? 3 : 1,
    traceId: 'poison',
  };
  const line = JSON.stringify({ source: 'default', id: '', type: 'call' });
  const body = kind === 'no_body' ? Buffer.from('no zstd') : zstdCompressSync(Buffer.from(`${line}\n`));
  const data = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]);
  await world.stores.stream.putRecords([{ partitionKey: lane, data }]);
  auditor.poisoned.set(key, (auditor.poisoned.get(key) ?? 0) + 1);
}
