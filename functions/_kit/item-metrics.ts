import { Counter } from 'prom-client';
import type { ItemUnits } from '../../shared/adapters/item-rules/units.ts';
import { TABLES } from '../../shared/contracts/names.ts';
import type { MetricsRegistry } from './metrics.ts';

/** What the item store has consumed, whenever metrics are read: where DynamoDB keeps the items, what is paid for. */
export function exposeItemUnits(registry: MetricsRegistry, units: ItemUnits): void {
  new Counter({
    name: 'countinghouse_item_units',
    help: 'Request units of DynamoDB that the item store consumed, or would have.',
    labelNames: ['table', 'kind'] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const table of Object.values(TABLES)) {
        const { read, write } = units.of(table);
        this.inc({ table, kind: 'read' }, read);
        this.inc({ table, kind: 'write' }, write);
      }
    },
  });
}
