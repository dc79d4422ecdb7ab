import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openFileObjects } from '../../shared/adapters/embedded/file-objects.ts';
import { defined } from '../../shared/kernel/assert.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { objectsContract } from './objects.contract.ts';

describe('objects in a folder', () => {
  let folder: string;
  let objects: ObjectStore | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'objects-'));
    objects = await openFileObjects({ folder });
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  objectsContract({ objects: () => defined(objects, 'the store'), runs: 25 });
});
