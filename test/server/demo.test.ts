import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const DEMO = path.join(import.meta.dirname, '..', '..', 'local', 'demo', 'main.ts');
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'demo-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the demo to its end, or kills it as soon as it has said `killAfter`. */
async function runDemo(killAfter?: string) {
  const env = { ...process.env, DATA_DIR: folder };
  const child = spawn(process.execPath, [DEMO], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
    if (killAfter !== undefined && text.includes(killAfter)) child.kill('SIGKILL');
  });
  const [exitCode, signal] = await closed;
  return { text, exitCode, signal };
}

const invoicesIn = (text: string) => text.slice(text.indexOf('INV-'), text.indexOf('all five'));

test('five invoices equal an independent computation, also after SIGKILL in the middle; again changes nothing', async () => {
  // While events are sent, and while periods are closed.
  expect(await runDemo('sent 8800')).toMatchObject({ signal: 'SIGKILL' });
  expect(await runDemo('sent 21366')).toMatchObject({ signal: 'SIGKILL' });
  const first = await runDemo();
  expect(first.text).toContain('all five equal what an independent program computed');
  expect(first.exitCode).toBe(0);
  const numbers = [...first.text.matchAll(/^INV-\d{6}/gm)].map(([number]) => number);
  expect(numbers).toEqual(['INV-000001', 'INV-000002', 'INV-000003', 'INV-000004', 'INV-000005']);
  const again = await runDemo();
  expect(again.exitCode).toBe(0);
  expect(invoicesIn(again.text)).toBe(invoicesIn(first.text));
}, 120_000);
