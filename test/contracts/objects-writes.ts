import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, listAll, type ObjectsUnderTest, readText, uniqueFolder } from './objects-builders.ts';

export function describeObjectWrites({ objects, runs }: ObjectsUnderTest): void {
  describe('writes', () => {
    it.each([
      ['no bytes', new Uint8Array()],
      ['every byte', Uint8Array.from({ length: 256 }, (_, index) => index)],
      ['a million bytes', new Uint8Array(1_000_000).map((_, index) => index * 7)],
    ])('keeps an object of %s as it is', async (_, body) => {
      const key = `${uniqueFolder()}/object`;
      expect(await objects().put({ key, body })).toEqual({ ok: true, value: undefined });
      expect(Buffer.compare((await objects().get(key)) ?? new Uint8Array(1), body)).toBe(0);
    });

    it('does not know an object that nobody put', async () => {
      const folder = uniqueFolder();
      expect(await objects().get(`${folder}/absent`)).toBeUndefined();
      await objects().put({ key: `${folder}/present`, body: bytesOf('x') });
      expect(await objects().get(`${folder}/absent`)).toBeUndefined();
    });

    it('replaces an object, unless it was to be put if absent', async () => {
      const key = `${uniqueFolder()}/object`;
      expect(await objects().put({ key, body: bytesOf('1'), ifAbsent: true })).toMatchObject({ ok: true });
      expect(await objects().put({ key, body: bytesOf('22') })).toMatchObject({ ok: true });
      expect(await readText(objects(), key)).toBe('22');
      const refused = await objects().put({ key, body: bytesOf('333'), ifAbsent: true });
      expect(refused).toEqual({ ok: false, error: { kind: 'exists' } });
      expect(await readText(objects(), key)).toBe('22');
    });

    it('does not change when those who wrote or read change their bytes', async () => {
      const key = `${uniqueFolder()}/object`;
      const body = bytesOf('kept');
      await objects().put({ key, body });
      body.fill(0);
      const first = await objects().get(key);
      expect(await readText(objects(), key)).toBe('kept');
      first?.fill(0);
      expect(await readText(objects(), key)).toBe('kept');
    });

    it('forgets a deleted object, once or twice, and takes a new one under its key', async () => {
      const folder = uniqueFolder();
      const key = `${folder}/object`;
      await objects().delete(key);
      await objects().put({ key, body: bytesOf('first') });
      await objects().delete(key);
      await objects().delete(key);
      expect(await objects().get(key)).toBeUndefined();
      expect(await listAll(objects(), { prefix: folder, limit: 10 })).toEqual([]);
      expect(await objects().put({ key, body: bytesOf('second'), ifAbsent: true })).toMatchObject({
        ok: true,
      });
      expect(await readText(objects(), key)).toBe('second');
    });
  });

  describe('writes at the same time', () => {
    const bodies = fc.array(fc.string({ maxLength: 2_000 }), { minLength: 2, maxLength: 8 });

    it('let exactly one put a key if absent, and everyone reads the bytes of that one', async () => {
      const property = fc.asyncProperty(bodies, async (texts) => {
        const key = `${uniqueFolder()}/deep/object`;
        const answers = await Promise.all(
          texts.map(async (text, writer) => {
            const body = bytesOf(`${writer} ${text}`);
            const { ok } = await objects().put({ key, body, ifAbsent: true });
            return { ok, seen: await readText(objects(), key) };
          }),
        );
        const winners = answers.flatMap(({ ok }, writer) => (ok ? [writer] : []));
        expect(winners).toHaveLength(1);
        const winner = winners[0] ?? -1;
        for (const { seen } of answers) expect(seen).toBe(`${winner} ${texts[winner]}`);
      });
      await fc.assert(property, { numRuns: runs });
    });

    it('are seen whole or not at all', async () => {
      const property = fc.asyncProperty(bodies, async (texts) => {
        const key = `${uniqueFolder()}/object`;
        const bodyOf = (writer: number) => `${writer}`.repeat(20_000) + (texts[writer] ?? '');
        const whole = new Set<string | undefined>(texts.map((_, writer) => bodyOf(writer)));
        await objects().put({ key, body: bytesOf(bodyOf(0)) });
        const writes = texts.map((_, writer) => objects().put({ key, body: bytesOf(bodyOf(writer)) }));
        for (const seen of await Promise.all(texts.map(() => readText(objects(), key))))
          expect(whole.has(seen)).toBe(true);
        await Promise.all(writes);
        expect(whole.has(await readText(objects(), key))).toBe(true);
      });
      await fc.assert(property, { numRuns: runs });
    });
  });
}
