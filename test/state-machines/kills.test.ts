import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { createVirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import { createInvoicingWorld } from './invoicing-world.ts';
import { createRunnerProcess, INPUT, type Kill, passTime } from './runner-process.ts';

/** Runs an execution to its end over one process more than there are kills, each started after the last one's death. */
async function runThrough(machine: string, kills: readonly Kill[]) {
  const items = createMemoryItems();
  const clock = createVirtualClock({ startMs: Date.UTC(2026, 11, 1) });
  const world = createInvoicingWorld({ subscriptions: 5, passedAtCheck: 3 });
  const execution = { machine, name: 'acme-2026-12-01' };
  let started = false;
  let deaths = 0;
  let calls = 0;
  for (const kill of [...kills, undefined]) {
    const deps = { items, clock, run: world.run, ...(kill !== undefined && { kill }) };
    const process = createRunnerProcess(deps);
    const whole = async () => {
      await process.runner.resume();
      // Who started it does so again only while there was no answer.
      if (!started) await process.runner.start({ ...execution, input: INPUT });
      started = true;
      await process.runner.idle();
    };
    await passTime(clock, whole(), process.killed);
    if (process.killed()) deaths += 1;
    calls = process.calls();
    expect(process.errors).toEqual([]);
  }
  const record = await createRunnerProcess({ items, clock, run: world.run }).runner.get(execution);
  return {
    effects: { invoices: [...world.invoices], record: { ...record, endedAtMs: 0, startedAtMs: 0 } },
    calls,
    deaths,
  };
}

describe.each(['draft-invoices', 'finalize-invoices'])('%s', (machine) => {
  test('killed before or after any call, of a Task or of the store, it ends with the effects of a run that was not killed', async () => {
    const undisturbed = await runThrough(machine, []);
    expect(undisturbed.effects.record.status).toBe('succeeded');
    // A query, a look before the start, the start, a look before the run, the end, and the Tasks: 1 or 2 before the pages,
    // 3 checks, 3 pages, 1 after them.
    expect(undisturbed.calls).toBe(5 + (machine === 'draft-invoices' ? 1 : 2) + 3 + 3 + 1);
    for (let call = 1; call <= undisturbed.calls; call += 1) {
      for (const when of ['before', 'after'] as const) {
        const { effects, deaths } = await runThrough(machine, [{ call, when }]);
        expect({ call, when, deaths, effects }).toEqual({
          call,
          when,
          deaths: 1,
          effects: undisturbed.effects,
        });
      }
    }
  });

  const kill = fc.record({ call: fc.integer({ min: 1, max: 13 }), when: fc.constantFrom('before', 'after') });
  test.prop([fc.array(kill, { minLength: 2, maxLength: 5 })], { numRuns: 40 })(
    'killed again and again, it ends with the effects of a run that was not killed',
    async (kills) => {
      const undisturbed = await runThrough(machine, []);
      expect((await runThrough(machine, kills)).effects).toEqual(undisturbed.effects);
    },
  );
});
