import { mkdir } from 'node:fs/promises';
import { createLogger } from '../../functions/_kit/logger.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import { createSystemIds } from '../../shared/adapters/system/ids.ts';
import { hmacSha256Hex } from '../../shared/kernel/hash.ts';
import { readSecrets } from '../secrets.ts';
import { startServer } from '../server.ts';
import { startFailure } from '../start-failure.ts';
import { runDemo } from './run-demo.ts';

const folder = process.env.DATA_DIR || '.data/demo';
const settings = { port: 0, host: '127.0.0.1', dataFolder: folder, logLevel: 'WARN' } as const;

try {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const ids = createSystemIds();
  const { pepper } = await readSecrets({ folder, ids });
  // The same at each run, and known to nobody who cannot read the folder.
  const developmentKey = hmacSha256Hex(pepper, 'demo');
  const logger = createLogger({ service: 'countinghouse-demo', level: settings.logLevel });
  const server = await startServer(
    { clock: createSystemClock(), ids, logger },
    { ...settings, developmentKey },
  );
  try {
    const say = (text: string) => void process.stdout.write(`${text}\n`);
    const isEqual = await runDemo({ url: server.url, key: server.key, say });
    process.exitCode = isEqual ? 0 : 1;
  } finally {
    await server.stop();
  }
} catch (thrown) {
  const failure = startFailure(thrown, { ...settings, developmentKey: null });
  if (failure === null) throw thrown;
  process.stderr.write(failure);
  process.exitCode = 1;
}
