import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const MAIN = path.join(import.meta.dirname, 'main.ts');
/** Only ends what hangs. */
const TIMEOUT_MS = 900_000;

/** In a process of its own: a run takes the timers of its process for itself. */
function simulate(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? 1);
      resolve({ code, lines: `${stdout}${stderr}`.trimEnd().split('\n') });
    });
  });
}

const hashOf = (lines: readonly string[]) => /trace ([0-9a-f]{16})/.exec(lines[0] ?? '')?.[1];

test(
  'no promise breaks whatever fails, and every fault strikes every port',
  async () => {
    const { code, lines } = await simulate('--seed', '1', '--seeds', '16', '--events', '400');
    expect(lines.filter((line) => /BROKE|broken promise|FAILED/.test(line))).toEqual([]);
    expect(lines.at(-1)).toBe('17 passed, 0 failed');
    expect(code).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  'a seed is the same run whenever it is run, step by step, and another one is not',
  async () => {
    const events = ['--events', '120'];
    const [first, again, other] = await Promise.all([
      simulate('--seed', '7', ...events),
      simulate('--seed', '7', ...events),
      simulate('--seed', '8', ...events),
    ]);
    expect(hashOf(first.lines)).toMatch(/^[0-9a-f]{16}$/);
    expect(again.lines).toEqual(first.lines);
    expect(hashOf(other.lines)).not.toBe(hashOf(first.lines));
  },
  TIMEOUT_MS,
);

test.each([[['--seed', '0']], [['--events', 'many']], [['--sees', '3']]])('%j is refused', async (args) => {
  const { code, lines } = await simulate(...args);
  expect(code).toBe(2);
  expect(lines.join('\n')).toContain('npm run simulate');
});
