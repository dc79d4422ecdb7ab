import { z } from 'zod';
import { StoreError } from '../../ports/store-error.ts';
import type { Querier } from './querier.ts';
import { GUARDED_TABLES, TABLE_SETTINGS } from './settings.ts';

/**
 * Throws a StoreError of outcome `refused` unless each table has all settings that counting once and durability
 * depend on: whoever made a table by hand, or altered one, would learn of it from a wrong invoice.
 */
export async function checkTables(querier: Querier): Promise<void> {
  const rows = await querier.ask({
    sql: 'SELECT name, engine_full AS engine FROM system.tables WHERE database = currentDatabase()',
    params: {},
    row: z.object({ name: z.string(), engine: z.string() }),
  });
  const engines = new Map(rows.map(({ name, engine }) => [name, engine]));
  const lacking = GUARDED_TABLES.flatMap((table) => {
    const engine = engines.get(table);
    if (engine === undefined) return [`${table} is missing`];
    const found = settingsOf(engine);
    return Object.entries(TABLE_SETTINGS)
      .filter(([name, value]) => found.get(name) !== value)
      .map(([name, value]) => `${table} needs ${name} = ${value}`);
  });
  if (lacking.length === 0) return;
  throw new StoreError({
    message: `analytics is not set up to count once: ${lacking.join('; ')}`,
    outcome: 'refused',
    reason: 'rejected',
  });
}

function settingsOf(engine: string): ReadonlyMap<string, string> {
  const [, text = ''] = engine.split(' SETTINGS ');
  return new Map(
    text.split(', ').map((pair): [string, string] => {
      const [name = '', value = ''] = pair.split(' = ');
      return [name, value];
    }),
  );
}
