import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { createStaging, identitiesOf, NOW_MS, uuidAt } from '../contracts/claims-builders.ts';

const EVENTS = Number(process.env.NIGHTLY_EVENTS ?? 1_000_000);
const CHUNK_EVENTS = 5_000;
const SAMPLED = 50;

/** A million events whose ids carry one millisecond have one owner each: `npm test` tries a hundred thousand. */
const items = createMemoryItems();
const { packed } = createStaging();
const claims = packed({ items });
const chunkOf = (first: number) => `chunk-${first}`;
const batch = (first: number) =>
  identitiesOf({ tenant: 'a', count: CHUNK_EVENTS, idOf: (index) => uuidAt(NOW_MS, first + index) });
const say = (text: string) => void process.stdout.write(`${text}\n`);

const startedMs = performance.now();
for (let first = 0; first < EVENTS; first += CHUNK_EVENTS) {
  const chunk = chunkOf(first);
  const owners = await claims.settle({ chunk, identities: batch(first), nowMs: NOW_MS });
  assert(
    owners.length === CHUNK_EVENTS && owners.every((owner) => owner === chunk),
    `${chunk} owns its events`,
  );
  if ((first / CHUNK_EVENTS) % 20 === 0) say(`${first + CHUNK_EVENTS} claimed`);
}
const { read, write } = items.units.of('claims');
for (let first = 0; first < EVENTS; first += CHUNK_EVENTS) {
  const identities = batch(first).filter((_, index) => index % (CHUNK_EVENTS / SAMPLED) === 0);
  const owners = await claims.settle({ chunk: 'late', identities, nowMs: NOW_MS });
  assert(
    owners.every((owner) => owner === chunkOf(first)),
    `${chunkOf(first)} still owns its events`,
  );
}
const seconds = Math.round((performance.now() - startedMs) / 1000);
const unitsPerEvent = (read + write) / EVENTS;
say(
  `${EVENTS} events of one millisecond: one owner each, ${unitsPerEvent.toFixed(2)} units an event, ${seconds} s`,
);
