import { open } from 'node:fs/promises';
import { sha256Hex } from '../../shared/kernel/hash.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { type CliError, cliError } from '../cli-error.ts';

const HEAD_BYTES = 65_536;

/** Tells this content of a file from any later one, without reading it all. */
export interface FileIdentity {
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly headHash: string;
}

/** Error `cli.file_unusable`: absent, unreadable, no regular file, or of another encoding than UTF-8. */
export async function identifyFile(path: string): Promise<Result<FileIdentity, CliError>> {
  try {
    await using file = await open(path, 'r');
    const stats = await file.stat();
    if (!stats.isFile()) {
      return unusable(`${path} is no regular file: an import that was interrupted must read it again`);
    }
    const head = Buffer.alloc(Math.min(HEAD_BYTES, stats.size));
    await file.read(head, 0, head.byteLength, 0);
    const mark = head.subarray(0, 2).toString('hex');
    if (mark === 'fffe' || mark === 'feff') return unusable(`${path} is UTF-16: save it as UTF-8`);
    return ok({ bytes: stats.size, modifiedMs: Math.trunc(stats.mtimeMs), headHash: sha256Hex(head) });
  } catch (thrown) {
    return unusable(`${path}: ${systemReason(thrown)}`);
  }
}

/** Why the operating system refused; anything else is a bug and goes on its way. */
export function systemReason(thrown: unknown): string {
  if (!(thrown instanceof Error) || !('syscall' in thrown) || !('code' in thrown)) throw thrown;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'is a folder',
    ENOSPC: 'the disk is full',
    EROFS: 'the disk is read-only',
  };
  const code = String(thrown.code);
  return reasons[code] ?? code;
}

function unusable(message: string): Result<never, CliError> {
  return err(cliError({ exitCode: 2, code: 'cli.file_unusable', message }));
}
