import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli } from '../../bin/run-cli.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

/** Runs a command in this process, with time that passes only while somebody sleeps. */
export async function runCommand(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const clock = createSleepingClock();
  let out = '';
  let err = '';
  const exitCode = await runCli({
    argv,
    env,
    version: '1.2.3',
    clock,
    terminal: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      isWatched: false,
    },
  });
  return { exitCode, out, err, sleptMs: clock.sleptMs };
}

function createSleepingClock() {
  const sleptMs: number[] = [];
  let nowMs = Date.UTC(2026, 10, 24);
  return {
    sleptMs,
    nowMs: () => nowMs,
    sleep: async (ms: number) => {
      sleptMs.push(ms);
      nowMs += ms;
    },
  };
}

/** A folder that goes when the test ends. */
export async function temporaryFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'countinghouse-cli-'));
  const at = (name: string) => path.join(folder, name);
  return {
    at,
    write: async (name: string, content: string | Uint8Array) => {
      await writeFile(at(name), content);
      return at(name);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The mapping of the trace, as a user types it. */
export const TRACE_MAPS = [
  'id=conv-{row}',
  'type=llm.request',
  'customer={pick(row, acme, globex, initech, umbrella, hooli)}',
  'time=TIMESTAMP',
  'properties.input_tokens=ContextTokens',
  'properties.output_tokens=GeneratedTokens',
].flatMap((map) => ['--map', map]);

export const TRACE = path.join(ROOT, 'test', 'fixtures', 'AzureLLMInferenceTrace_conv.csv');
