import { readFileSync } from 'node:fs';
import { createSystemClock } from '../shared/adapters/system/clock.ts';
import { runCli } from './run-cli.ts';

// Started by countinghouse.mjs under an older Node: when that one is killed, nobody waits for us any more.
if (process.channel !== undefined) {
  process.once('disconnect', () => process.exit(3));
  process.channel?.unref();
}

const manifest: { readonly version: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  version: manifest.version,
  clock: createSystemClock(),
  terminal: {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isWatched: process.stderr.isTTY === true,
  },
});
