import { readOptions } from './options.ts';
import { createReport } from './report.ts';
import { runSeed } from './run-seed.ts';

const options = readOptions(process.argv.slice(2));
if (typeof options === 'string') {
  process.stderr.write(options);
  process.exitCode = 2;
} else {
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  const report = createReport(print);
  const { seed: first, seeds, events, whole, trace, bail } = options;
  for (let seed = first; seed < first + seeds; seed += 1) {
    const result = await runSeed({ seed, events, isWhole: whole, ...(trace ? { print } : {}) });
    report.add(result);
    if (bail && result.broken !== null) break;
  }
  const { passed, failed } = report.end();
  print(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
