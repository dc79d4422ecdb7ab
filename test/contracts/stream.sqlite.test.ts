import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openSqliteStream, type SqliteStream } from '../../shared/adapters/embedded/sqlite-stream.ts';
import { createVirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { streamContract } from './stream.contract.ts';
import { streamTrimContract } from './stream-trim.ts';

describe('stream in SQLite', () => {
  const clock = createVirtualClock({ startMs: Date.UTC(2026, 10, 24) });
  const opened: SqliteStream[] = [];
  let folder: string;
  const open = (shards: number) => {
    const path = join(folder, `${opened.length}.sqlite`);
    const stream = openSqliteStream({ path, shards, clock });
    opened.push(stream);
    return stream;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stream-'));
    open(3);
  });
  afterAll(async () => {
    for (const stream of opened) await stream.close();
    await rm(folder, { recursive: true, force: true });
  });
  streamContract({ stream: () => defined(opened[0], 'the stream').stream, runs: 30 });
  streamTrimContract({ clock, open: async () => open(1) });
});
