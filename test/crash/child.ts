import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface Child {
  /** Lines of its output, in order; ends when the process has ended. */
  readonly lines: AsyncIterator<string>;
  /** Ends it at once, without a chance to tidy up, and resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts a file of this folder as a process of its own. */
export function startChild(file: string, args: readonly string[]): Child {
  const path = join(import.meta.dirname, file);
  const child: ChildProcessByStdio<null, Readable, null> = spawn(process.execPath, [path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  return {
    lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
