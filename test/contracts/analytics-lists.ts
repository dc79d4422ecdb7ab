import { describe, expect, it } from 'vitest';
import {
  type AnalyticsUnderTest,
  eventRow,
  insertAll,
  NOON_MS,
  quarantineRow,
  resendRow,
  unique,
  usageRow,
} from './analytics-builders.ts';

const ODD_TEXT = 'a\'b"c\\d\n\t\r\u0000é😀{p0:String};\n\n--';

export function describeLists({ analytics }: AnalyticsUnderTest): void {
  describe('events', () => {
    it('come back as they went in, whatever their text', async () => {
      const tenant = unique('tenant');
      const properties = JSON.stringify({ [ODD_TEXT]: ODD_TEXT });
      const fields = { tenant, chunk: ODD_TEXT, source: ODD_TEXT, id: ODD_TEXT, type: ODD_TEXT, properties };
      const row = eventRow({ ...fields, timeMs: Date.UTC(1969, 6, 20, 20, 17, 40, 123), timeSent: false });
      await insertAll(analytics(), 'events', [row]);
      expect(await analytics().events({ tenant, limit: 10 })).toEqual([row]);
      const { id, source, type } = row;
      expect(await analytics().events({ tenant, id, source, type, limit: 10 })).toEqual([row]);
    });

    it('are paged by (time, source, id) descending without a gap or a double', async () => {
      const tenant = unique('tenant');
      const rows = [0, 1].flatMap((minute) =>
        ['a', 'b'].flatMap((source) =>
          ['x', 'y', 'z'].map((id) => eventRow({ tenant, source, id, timeMs: NOON_MS + minute })),
        ),
      );
      await insertAll(analytics(), 'events', rows);
      const seen = [];
      let page = await analytics().events({ tenant, limit: 5 });
      for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
        seen.push(...page);
        page = await analytics().events({ tenant, limit: 5, after: last });
      }
      expect(seen).toEqual(rows.toReversed());
    });

    it('are filtered by each field and by a half-open range', async () => {
      const tenant = unique('tenant');
      const [early, late] = [
        eventRow({ tenant, status: 'unattributed' }),
        eventRow({ tenant, timeMs: NOON_MS + 1 }),
      ];
      const other = eventRow({ tenant, customer: 'initech', type: 'other', timeMs: NOON_MS + 2 });
      await insertAll(analytics(), 'events', [early, late, other]);
      const ids = async (fields: object) => {
        const found = await analytics().events({ tenant, limit: 10, ...fields });
        return found.map(({ id }) => id);
      };
      expect(await ids({ status: 'unattributed' })).toEqual([early.id]);
      expect(await ids({ customer: 'initech' })).toEqual([other.id]);
      expect(await ids({ type: 'llm.request' })).toEqual([late.id, early.id]);
      expect(await ids({ id: late.id })).toEqual([late.id]);
      expect(await ids({ source: 'nowhere' })).toEqual([]);
      expect(await ids({ fromMs: NOON_MS, toMs: NOON_MS + 1 })).toEqual([early.id]);
      expect(await ids({ fromMs: NOON_MS + 1, toMs: NOON_MS + 2 })).toEqual([late.id]);
      expect(await analytics().events({ tenant: unique('tenant'), limit: 10 })).toEqual([]);
    });

    it('are shown once where a repair stored them twice', async () => {
      const tenant = unique('tenant');
      const first = eventRow({ tenant, chunk: 'a' });
      await insertAll(analytics(), 'events', [first]);
      await insertAll(analytics(), 'events', [{ ...first, chunk: 'b' }]);
      const found = await analytics().events({ tenant, limit: 10 });
      expect(found.map(({ id }) => id)).toEqual([first.id]);
    });
  });

  describe('quarantine', () => {
    it('comes back newest first, one row an entry and meter, page by page', async () => {
      const tenant = unique('tenant');
      const base = { tenant, message: ODD_TEXT, content: ODD_TEXT };
      const rows = [
        quarantineRow({ ...base, entry: 'a', meter: 'x', receivedAtMs: NOON_MS }),
        quarantineRow({ ...base, entry: 'a', meter: 'y', receivedAtMs: NOON_MS }),
        quarantineRow({ ...base, entry: 'b', meter: '', receivedAtMs: NOON_MS }),
        quarantineRow({ ...base, entry: 'a', meter: 'x', receivedAtMs: NOON_MS + 1 }),
      ];
      await insertAll(analytics(), 'quarantine', rows);
      const again = rows.map((row) => ({ ...row, chunk: 'chunk-2' }));
      await insertAll(analytics(), 'quarantine', again);
      const first = await analytics().quarantine({ tenant, limit: 2 });
      const after = { receivedAtMs: NOON_MS, key: 'b/' };
      const second = await analytics().quarantine({ tenant, limit: 9, after });
      expect([...first, ...second]).toEqual(rows.toReversed());
      const [oldest] = rows;
      expect(await analytics().quarantine({ tenant, limit: 9, meter: 'y' })).toEqual([rows[1]]);
      expect(await analytics().quarantine({ tenant, limit: 9, id: oldest?.id ?? '' })).toEqual([oldest]);
    });
  });

  describe('conflicts', () => {
    it('are the resends that differ, newest first, page by page', async () => {
      const tenant = unique('tenant');
      const rows = [1, 2, 3].map((minute) =>
        resendRow({ tenant, id: `id-${minute}`, source: ODD_TEXT, receivedAtMs: NOON_MS + minute }),
      );
      await insertAll(analytics(), 'resends', [...rows, resendRow({ tenant, differs: false })]);
      const first = await analytics().conflicts({ tenant, limit: 1 });
      const after = { receivedAtMs: NOON_MS + 3, key: `${rows[2]?.chunk}/${rows[2]?.rowHash}` };
      const rest = await analytics().conflicts({ tenant, limit: 9, after });
      expect([...first, ...rest]).toEqual(rows.toReversed());
      expect(await analytics().conflicts({ tenant, limit: 9, id: 'id-2' })).toEqual([rows[1]]);
    });

    // Found by the simulation: of three contents in one request, one conflict was never shown.
    it('are all shown where one chunk holds several of an event, or of two events whose names read alike', async () => {
      const tenant = unique('tenant');
      const rows = [
        resendRow({ tenant, source: 'a', id: 'b/c', properties: '{"n":1}' }),
        resendRow({ tenant, source: 'a', id: 'b/c', properties: '{"n":2}' }),
        resendRow({ tenant, source: 'a/b', id: 'c', properties: '{"n":1}' }),
      ];
      await insertAll(analytics(), 'resends', rows);
      const found = [];
      for (let page = await analytics().conflicts({ tenant, limit: 1 }); page.length > 0; ) {
        found.push(...page);
        const [{ receivedAtMs, chunk, rowHash }] = page as [(typeof rows)[number]];
        const after = { receivedAtMs, key: `${chunk}/${rowHash}` };
        page = await analytics().conflicts({ tenant, limit: 1, after });
      }
      const names = (row: { source: string; id: string; properties: string }) =>
        `${row.source} ${row.id} ${row.properties}`;
      expect(found.map(names).sort()).toEqual(rows.map(names).sort());
    });
  });

  describe('meters of an event', () => {
    it('are those that count it now, with what they count', async () => {
      const tenant = unique('tenant');
      const identity = { tenant, source: 'api', id: 'e-1' };
      const taken = usageRow({ ...identity, meter: 'b', quantity: '5' });
      await insertAll(analytics(), 'usage', [
        usageRow({ ...identity, meter: 'c', quantity: '0.10' }),
        usageRow({ ...identity, meter: 'a', quantity: '-2' }),
        taken,
        { ...taken, sign: -1 },
        usageRow({ ...identity, source: 'other' }),
        usageRow({ ...identity, id: 'e-2' }),
      ]);
      expect(await analytics().metersOfEvent(identity)).toEqual([
        { meter: 'a', quantity: '-2' },
        { meter: 'c', quantity: '0.1' },
      ]);
    });
  });
}
