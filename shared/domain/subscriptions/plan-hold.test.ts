import fc from 'fast-check';
import { expect, test } from 'vitest';
import { overlaps } from '../../kernel/period.ts';
import { endHold, type PlanHold, takePlan } from './plan-hold.ts';

interface Taken {
  readonly subscription: string;
  readonly startsAtMs: number;
  cancelAtMs: number | null;
}

const END_MS = 10_000;
const step = fc.record({
  does: fc.constantFrom('subscribe', 'cancel'),
  atMs: fc.integer({ min: 1, max: 100 }),
});

/** The stretch that a subscription takes up; null for none. */
function stretchOf({ startsAtMs, cancelAtMs }: Taken) {
  const endMs = cancelAtMs ?? END_MS;
  return endMs > startsAtMs ? { startMs: startsAtMs, endMs } : null;
}

test('whatever is subscribed and canceled, two of one plan never overlap, and a plan that is free is given', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const taken: Taken[] = [];
      let held: PlanHold | undefined;
      for (const [index, { does, atMs }] of steps.entries()) {
        const latest = taken.at(-1);
        if (does === 'cancel') {
          if (latest === undefined || held === undefined) continue;
          latest.cancelAtMs = Math.min(latest.cancelAtMs ?? END_MS, atMs);
          held = endHold(held, { startsAtMs: latest.startsAtMs, cancelAtMs: latest.cancelAtMs });
          continue;
        }
        const next: Taken = { subscription: `s${index}`, startsAtMs: atMs, cancelAtMs: null };
        const given = takePlan(held, next);
        const isFree = taken.flatMap((one) => stretchOf(one) ?? []).every(({ endMs }) => endMs <= atMs);
        expect(given !== null).toBe(isFree);
        if (given === null) continue;
        held = given;
        taken.push(next);
      }
      const stretches = taken.flatMap((one) => stretchOf(one) ?? []);
      const pairs = stretches.flatMap((one, index) =>
        stretches.slice(index + 1).map((other) => overlaps(one, other)),
      );
      expect(pairs).not.toContain(true);
    }),
  );
});

test('what lies before another subscription is not given: a new one would run into it', () => {
  const held = takePlan(undefined, { subscription: 's1', startsAtMs: 100 });
  expect(held && takePlan(held, { subscription: 's2', startsAtMs: 1 })).toBeNull();
});
