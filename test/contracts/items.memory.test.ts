import { describe } from 'vitest';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { itemsContract } from './items.contract.ts';

describe('items in memory', () => {
  const items = createMemoryItems();
  itemsContract({ items: () => items, runs: 300 });
});
