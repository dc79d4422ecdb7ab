import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Adapter, Comparison } from './adapter.ts';
import { LINE_ADAPTERS } from './line-adapters.ts';
import { PERIOD_ADAPTERS } from './period-adapters.ts';
import { PRICE_ADAPTERS } from './price-adapters.ts';

const caseSchema = z.strictObject({
  id: z.string(),
  group: z.string().optional(),
  source: z.string(),
  model: z.string(),
  config: z.unknown(),
  usage: z.unknown(),
  expected: z.unknown(),
  note: z.string(),
  recomputed: z.boolean(),
  quirk: z.boolean().optional(),
});
const fileSchema = z.looseObject({ case_count: z.int(), cases: z.array(caseSchema) });

export type VectorCase = z.infer<typeof caseSchema>;

/** Model of a case to its adapter. */
const ADAPTERS: ReadonlyMap<string, Adapter> = new Map([
  ...Object.entries(PRICE_ADAPTERS),
  ...Object.entries(PERIOD_ADAPTERS),
  ...Object.entries(LINE_ADAPTERS),
]);

/** The cases of a file of this folder. */
export function readVectors(file: string): readonly VectorCase[] {
  const text = readFileSync(path.join(import.meta.dirname, file), 'utf8');
  const { cases, case_count: count } = fileSchema.parse(JSON.parse(text));
  if (cases.length !== count) throw new Error(`${file} has ${cases.length} cases and says ${count}`);
  return cases;
}

/** Throws for a model without an adapter and for a field that its adapter does not know: nothing is passed over. */
export function compareCase(vector: VectorCase): Comparison {
  const adapter = ADAPTERS.get(vector.model);
  if (adapter === undefined) throw new Error(`${vector.id}: no adapter for the model ${vector.model}`);
  return adapter(vector);
}
