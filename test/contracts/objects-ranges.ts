import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ObjectsUnderTest, uniqueFolder } from './objects-builders.ts';

export function describeObjectRanges({ objects, runs }: ObjectsUnderTest): void {
  describe('ranges', () => {
    it('are the bytes of the object from start to before end, as many as there are, with its whole size', async () => {
      const numbers = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 310 }), fc.nat({ max: 310 }));
      const property = fc.asyncProperty(numbers, async ([body, start, length]) => {
        const key = `${uniqueFolder()}/object`;
        await objects().put({ key, body });
        const found = await objects().getRange({ key, start, end: start + length });
        expect(found?.size).toBe(body.byteLength);
        expect([...(found?.bytes ?? [])]).toEqual([...body.slice(start, start + length)]);
      });
      await fc.assert(property, { numRuns: runs });
    });

    it('of an object that nobody put are not there', async () => {
      expect(await objects().getRange({ key: `${uniqueFolder()}/absent`, start: 0, end: 1 })).toBeUndefined();
    });

    it('do not change when those who read them change their bytes', async () => {
      const key = `${uniqueFolder()}/object`;
      await objects().put({ key, body: new Uint8Array([1, 2, 3]) });
      (await objects().getRange({ key, start: 0, end: 3 }))?.bytes.fill(9);
      expect([...((await objects().get(key)) ?? [])]).toEqual([1, 2, 3]);
    });
  });
}
