import { describe } from 'vitest';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { itemUnitsContract } from './items-units.contract.ts';

describe('units of items in memory', () => {
  const items = createMemoryItems();
  itemUnitsContract({ items: () => items, units: () => items.units });
});
