import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Benchmark, describeMachine } from './benchmark.ts';

/** One file a benchmark. */
const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  claims: async () => (await import('./claims.ts')).claims,
  invoices: async () => (await import('./invoices.ts')).invoices,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' } },
});
const [name = ''] = positionals;
const load = BENCHMARKS[name];
if (load === undefined || positionals.length > 1) {
  const names = Object.keys(BENCHMARKS).join(', ');
  process.stderr.write(`usage: npm run bench -- <name> [--json FILE]; there are: ${names}\n`);
  process.exitCode = 1;
} else {
  const bench = await load();
  const result = await bench((text) => void process.stdout.write(`${text}\n`));
  const text = `${JSON.stringify({ benchmark: name, machine: describeMachine(), ...result }, null, 2)}\n`;
  if (values.json !== undefined) await writeFile(values.json, text);
}
