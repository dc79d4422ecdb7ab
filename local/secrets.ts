import { link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LIMITS } from '../shared/kernel/limits.ts';
import type { IdSource } from '../shared/ports/id-source.ts';

const secretsSchema = z.strictObject({
  v: z.literal(1),
  /** Of the stored hashes of API keys: a copy of the database alone opens nothing. */
  pepper: z.string().min(LIMITS.pepperLengthMin),
  /** The key of the tenant `local` that a start prints. */
  localKey: z.string().min(LIMITS.secretLengthMin),
});
export type InstallationSecrets = Readonly<Omit<z.output<typeof secretsSchema>, 'v'>>;

/** The secrets of a data folder, in a file that only its owner can read; drawn once, and never changed. */
export async function readSecrets(input: {
  readonly folder: string;
  readonly ids: IdSource;
}): Promise<InstallationSecrets> {
  const path = join(input.folder, 'secrets.json');
  const text = (await readIfThere(path)) ?? (await writeOnce(path, input.ids));
  const { pepper, localKey } = secretsSchema.parse(JSON.parse(text));
  return { pepper, localKey };
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null;
    throw thrown;
  }
}

/** A crash leaves no file or a whole one: half a pepper would shut every key out for ever. */
async function writeOnce(path: string, ids: IdSource): Promise<string> {
  const text = `${JSON.stringify({ v: 1, pepper: ids.secret(), localKey: `chk_test_${ids.secret()}` })}\n`;
  const temporary = `${path}.tmp`;
  await rm(temporary, { force: true });
  {
    await using file = await open(temporary, 'wx', 0o600);
    await file.writeFile(text);
    await file.sync();
  }
  await link(temporary, path);
  await rm(temporary);
  await using folder = await open(join(path, '..'), 'r');
  await folder.sync();
  return text;
}
