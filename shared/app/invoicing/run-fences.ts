import { z } from 'zod';
import { defined } from '../../kernel/assert.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { hasParkedRows, readWatermark } from '../fences/watermark.ts';
import { readTenant } from '../tenants/read-tenant.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { keepAnswer, readAnswer } from './run-objects.ts';

const fenceSchema = z.object({ number: z.int().positive() });

interface FenceStepInput {
  readonly execution: string;
  readonly step: string;
  readonly tenant: string;
}

/** One fence an execution, however often it is asked. */
export function drawRunFence(deps: InvoicingDeps) {
  return async (input: FenceStepInput): Promise<{ readonly number: number }> => {
    const run = { objects: deps.objects, execution: input.execution, step: input.step };
    const known = await readAnswer(run, fenceSchema);
    if (known !== null) return known;
    return await keepAnswer(run, fenceSchema, { number: await deps.drawFence(input) });
  };
}

/**
 * Whether everything ahead of a fence is counted: of the one that is named, else of the first that shows that all events
 * acknowledged before `dueAtMs` are. Rows that a store refuses hold it back. `number` is 0 until it has passed, and then
 * for ever the same in this execution.
 */
export function checkRunFence(deps: InvoicingDeps) {
  return async (
    input: FenceStepInput & {
      readonly dueAtMs: number | null;
      readonly number: number | null;
      readonly polls: number;
    },
  ): Promise<{ readonly passed: boolean; readonly number: number; readonly polls: number }> => {
    const run = { objects: deps.objects, execution: input.execution, step: input.step };
    const polls = input.polls + 1;
    const known = await readAnswer(run, fenceSchema);
    if (known !== null) return { passed: true, number: known.number, polls };
    const number =
      input.number === null
        ? await fenceAt(deps.items, input.tenant, defined(input.dueAtMs, 'what the fence is for'))
        : await fenceNumbered(deps.items, input.tenant, input.number);
    if (number === null) return { passed: false, number: 0, polls };
    return { passed: true, ...(await keepAnswer(run, fenceSchema, { number })), polls };
  };
}

/** Test tenants: t of a fence is wall time, and is never compared with a clock that stands still. */
async function fenceAt(items: ItemStore, tenant: string, dueAtMs: number): Promise<number | null> {
  const { clockMs, clockFence } = defined(await readTenant(items, tenant), `tenant ${tenant}`);
  if (clockMs !== null) {
    if (clockFence === null || clockMs < dueAtMs) return null;
    return await fenceNumbered(items, tenant, clockFence);
  }
  const watermark = await readWatermark(items, tenant);
  return watermark === null || watermark.timeMs < dueAtMs
    ? null
    : await fenceNumbered(items, tenant, watermark.fence);
}

async function fenceNumbered(items: ItemStore, tenant: string, number: number): Promise<number | null> {
  const watermark = await readWatermark(items, tenant);
  if (watermark === null || watermark.fence < number) return null;
  return (await hasParkedRows(items, tenant)) ? null : number;
}
