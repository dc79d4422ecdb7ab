import { createLogger } from '../functions/_kit/logger.ts';
import { createSystemClock } from '../shared/adapters/system/clock.ts';
import { createSystemIds } from '../shared/adapters/system/ids.ts';
import { type RunningServer, startServer } from './server.ts';
import { readSettings } from './settings.ts';
import { startFailure } from './start-failure.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const settings = readSettings(process.env);
if (settings.ok) await main(settings.value);
else fail(`error: ${settings.error.detail} (${settings.error.code})\n`);

async function main(value: Parameters<typeof startServer>[1]): Promise<void> {
  const logger = createLogger({ service: 'countinghouse', level: value.logLevel });
  try {
    const server = await startServer({ clock: createSystemClock(), ids: createSystemIds(), logger }, value);
    stopOnSignals(server);
    const { url, key } = server;
    process.stdout.write(`countinghouse listens at ${url}\nkey of the test tenant local: ${key}\n`);
  } catch (thrown) {
    const failure = startFailure(thrown, value);
    if (failure === null) throw thrown;
    fail(failure);
  }
}

function stopOnSignals(server: RunningServer): void {
  const stop = () => {
    for (const signal of SIGNALS) process.removeListener(signal, stop);
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(`error: the server did not stop cleanly: ${String(error)}\n`),
    );
  };
  for (const signal of SIGNALS) process.once(signal, stop);
}

function fail(text: string): void {
  process.stderr.write(text);
  process.exit(1);
}
