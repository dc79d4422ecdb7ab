import { describe } from 'vitest';
import { createMemoryObjects } from '../../shared/adapters/memory/objects/memory-objects.ts';
import { objectsContract } from './objects.contract.ts';

describe('objects in memory', () => {
  const objects = createMemoryObjects();
  objectsContract({ objects: () => objects, runs: 100 });
});
