import { openSqliteStream } from '../../shared/adapters/embedded/sqlite-stream.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';

/** Four producers write until they are killed; each says a record's key and text once that is acknowledged. */
const [path = '', life = ''] = process.argv.slice(2);
const { stream } = openSqliteStream({ path, shards: 2, clock: createSystemClock() });

async function produce(producer: number): Promise<never> {
  for (let batch = 0; ; batch += 1) {
    const partitionKey = `${life}.${producer}`;
    const texts = [0, 1, 2].map((index) => `${batch}.${index}`.padEnd(2_000, '.'));
    const records = texts.map((text) => ({ partitionKey, data: Buffer.from(text) }));
    const results = await stream.putRecords(records);
    for (const [index, result] of results.entries()) {
      if (result.ok) process.stdout.write(`${partitionKey} ${texts[index]}\n`);
    }
  }
}

await Promise.all([0, 1, 2, 3].map(produce));
