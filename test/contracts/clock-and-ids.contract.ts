import { describe, expect, it } from 'vitest';
import { uuidTimeMs } from '../../shared/kernel/ids.ts';
import { isInstant } from '../../shared/kernel/time.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { IdSource } from '../../shared/ports/id-source.ts';

/** Timers may fire within the millisecond before. */
const EARLY_MS = 1;
const LONG_MS = 40 * 86_400_000;

export interface ClockAndIdsUnderTest {
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Makes so much time pass, or waits for it. */
  readonly pass: (ms: number) => Promise<void>;
}

/** What every implementation of the two ports must do. */
export function clockAndIdsContract({ clock, ids, pass }: ClockAndIdsUnderTest): void {
  describe('clock', () => {
    it('tells the time in whole milliseconds', async () => {
      expect(clock.nowMs()).toSatisfy(isInstant);
      await pass(2);
      expect(clock.nowMs()).toSatisfy(isInstant);
    });

    it('sleeps at least as long as it was told', async () => {
      const startedMs = clock.nowMs();
      const wokenMs: number[] = [];
      const sleeps = [30, 10, 0, 20].map(async (ms) => {
        await clock.sleep(ms);
        wokenMs.push(clock.nowMs() - startedMs - ms);
      });
      await pass(30);
      await Promise.all(sleeps);
      expect(wokenMs).toHaveLength(4);
      for (const lateMs of wokenMs) expect(lateMs).toBeGreaterThanOrEqual(-EARLY_MS);
    });

    it('wakes a sleeper when its signal aborts, before, meanwhile and not after', async () => {
      const stopping = new AbortController();
      const sleeps = Promise.all(Array.from({ length: 20 }, () => clock.sleep(LONG_MS, stopping.signal)));
      const early = clock.sleep(1, stopping.signal);
      await pass(5);
      await early;
      stopping.abort();
      expect(await sleeps).toHaveLength(20);
      await clock.sleep(LONG_MS, stopping.signal);
      expect(stopping.signal.aborted).toBe(true);
    });

    it('does not wake early from a sleep of weeks', async () => {
      const stopping = new AbortController();
      let isAwake = false;
      const sleep = clock.sleep(LONG_MS, stopping.signal).then(() => {
        isAwake = true;
      });
      await pass(20);
      expect(isAwake).toBe(false);
      stopping.abort();
      await sleep;
    });
  });

  describe('ids', () => {
    it('are different UUIDv7 that rise, within a millisecond too', async () => {
      const drawn: string[] = [];
      for (let round = 0; round < 3; round += 1) {
        for (let index = 0; index < 1_000; index += 1) drawn.push(ids.uuid());
        await pass(2);
      }
      for (const id of drawn)
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(new Set(drawn).size).toBe(drawn.length);
      expect([...drawn].sort()).toEqual(drawn);
    });

    it('carry the time at which they were drawn', async () => {
      await pass(2);
      const beforeMs = clock.nowMs();
      const timeMs = uuidTimeMs(ids.uuid());
      expect(timeMs).toBeGreaterThanOrEqual(beforeMs);
      expect(timeMs).toBeLessThanOrEqual(clock.nowMs());
    });

    it('and secrets of 256 bits, never the same', () => {
      const secrets = Array.from({ length: 1_000 }, () => ids.secret());
      for (const secret of secrets) {
        expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
        expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
      }
      expect(new Set(secrets).size).toBe(secrets.length);
    });
  });
}
