import { describe, expect, it } from 'vitest';
import {
  type AnalyticsUnderTest,
  changeRow,
  eventRow,
  insertAll,
  NOON_MS,
  unique,
  usageRow,
} from './analytics-builders.ts';

export function describeChanges({ analytics }: AnalyticsUnderTest): void {
  describe('an event that became another', () => {
    it('is listed as its greatest link has it, and not where it was before', async () => {
      const tenant = unique('tenant');
      const first = eventRow({ tenant, id: 'moved', customer: '', status: 'unattributed' });
      const left = { ...first, link: 1, status: 'superseded', chunk: 'second' } as const;
      const now = eventRow({ tenant, id: 'moved', link: 1, customer: 'globex', chunk: 'second' });
      const other = eventRow({ tenant, id: 'other', timeMs: NOON_MS - 1 });
      await insertAll(analytics(), 'events', [first, left, now, other]);
      expect(await analytics().events({ tenant, limit: 10 })).toEqual([now, other]);
      expect(await analytics().events({ tenant, limit: 10, status: 'unattributed' })).toEqual([]);
      expect(await analytics().events({ tenant, limit: 10, customer: '' })).toEqual([]);
      expect(await analytics().events({ tenant, limit: 1, id: 'moved' })).toEqual([now]);
    });

    it('in its place is listed once, by its status as it is', async () => {
      const tenant = unique('tenant');
      const first = eventRow({ tenant, id: 'e' });
      const amended = { ...first, link: 1, chunk: 'second', properties: '{"tokens":2}' };
      const revoked = { ...amended, link: 2, chunk: 'third', status: 'revoked' } as const;
      await insertAll(analytics(), 'events', [revoked, first, amended]);
      expect(await analytics().events({ tenant, limit: 10 })).toEqual([revoked]);
      expect(await analytics().events({ tenant, limit: 10, status: 'counted' })).toEqual([]);
      expect(await analytics().events({ tenant, limit: 10, status: 'revoked' })).toEqual([revoked]);
    });
  });

  describe('what stands of events', () => {
    it('is what was counted and not taken back, by the rows of all chunks, with the greatest fence', async () => {
      const tenant = unique('tenant');
      const identity = { source: 's', id: unique('event') };
      const event = eventRow({ tenant, ...identity });
      const amended = { ...event, link: 2, chunk: 'second', properties: '{}' };
      const counted = usageRow({ tenant, ...identity, quantity: '1.5', fence: 3 });
      const taken = { ...counted, sign: -1, chunk: 'second', fence: 5 } as const;
      const again = { ...counted, chunk: 'third', fence: 8 };
      const calls = usageRow({
        tenant,
        ...identity,
        meter: 'calls',
        meterVersion: 2,
        fence: 4,
        dimensions: '{"a":"b"}',
      });
      const gone = usageRow({ tenant, ...identity, meter: 'gone' });
      const stranger = usageRow({ tenant: unique('tenant'), ...identity });
      await insertAll(analytics(), 'events', [event, amended]);
      await insertAll(analytics(), 'usage', [
        counted,
        taken,
        again,
        calls,
        gone,
        { ...gone, sign: -1 },
        stranger,
      ]);
      const unknown = { source: 's', id: unique('event') };
      const found = await analytics().standingEvents({ tenant, identities: [unknown, identity] });
      const row = ({
        meter,
        meterVersion,
        customer,
        timeMs,
        quantity,
        uniqueKey,
        dimensions,
      }: typeof calls) => {
        return { meter, meterVersion, customer, timeMs, quantity, uniqueKey, dimensions };
      };
      expect(found).toEqual([
        {
          event: amended,
          rows: [
            { ...row(calls), fence: 4 },
            { ...row(counted), fence: 8 },
          ],
        },
      ]);
    });
  });

  describe('changes of events', () => {
    it('are listed newest first, page by page; what waited and was applied is listed as applied', async () => {
      const tenant = unique('tenant');
      const fields = { tenant, source: 's', id: 'e' };
      const waiting = changeRow({ ...fields, correction: 2, link: 1, status: 'waiting', timeMs: NOON_MS });
      const first = changeRow({ ...fields, correction: 1, link: 2, timeMs: NOON_MS + 1 });
      const applied = changeRow({ ...fields, correction: 2, link: 2, timeMs: NOON_MS + 1 });
      const ahead = changeRow({ ...fields, correction: 9, link: 3, status: 'waiting', timeMs: NOON_MS + 2 });
      const other = changeRow({ tenant, id: 'o', status: 'conflict', timeMs: NOON_MS + 3 });
      await insertAll(analytics(), 'changes', [waiting, first, applied, ahead, other, changeRow()]);
      const all = [other, ahead, applied, first];
      expect(await analytics().changes({ tenant, limit: 10 })).toEqual(all);
      const key = `s/e/2/2/${applied.fingerprint}`;
      const after = { receivedAtMs: applied.timeMs, key };
      expect(await analytics().changes({ tenant, limit: 2 })).toEqual(all.slice(0, 2));
      expect(await analytics().changes({ tenant, limit: 10, after })).toEqual([first]);
      expect(await analytics().changes({ tenant, limit: 10, status: 'waiting' })).toEqual([ahead]);
      expect(await analytics().changes({ tenant, limit: 10, id: 'o' })).toEqual([other]);
    });

    it('lists what holds and what it was faster than, also where both came in the same millisecond', async () => {
      const tenant = unique('tenant');
      const both = { tenant, id: 'e', source: 's', correction: 1, link: 1, timeMs: NOON_MS } as const;
      const applied = changeRow({ ...both, fingerprint: 'a' });
      const conflict = changeRow({ ...both, fingerprint: 'b', status: 'conflict' });
      await insertAll(analytics(), 'changes', [applied, conflict]);
      expect(await analytics().changes({ tenant, limit: 10 })).toEqual([conflict, applied]);
    });
  });
}
