import { expect, test } from 'vitest';
import { createMemoryObjects } from '../../adapters/memory/objects/memory-objects.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { withNumber } from './evidence-file.ts';
import { storeEvidence } from './evidence-store.ts';
import { type EvidenceFile, openEvidence } from './read-evidence.ts';

const OWNER = { tenant: 'acme', dueAtMs: Date.UTC(2026, 1, 2) };

/** A file of any size: what lies between its ends goes out as it is stored. */
function fileOf(name: string, bodyBytes: number) {
  const body = `{"kind":"line","line":"${name} €${'x'.repeat(bodyBytes)}"}\n`;
  const before = `{"invoice":{"id":"${name}","number":null},"kind":"evidence"}\n${body.repeat(2)}`;
  const sha256 = sha256Hex(before);
  return { text: `${before}{"events":0,"kind":"end","lines":2,"sha256":"${sha256}"}\n`, sha256 };
}

async function textOf(file: EvidenceFile): Promise<string> {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < file.size; start += LIMITS.evidencePieceBytes) {
    pieces.push(await file.read({ start, end: Math.min(file.size, start + LIMITS.evidencePieceBytes) }));
  }
  return Buffer.concat(pieces).toString('utf8');
}

test.each([
  ['one', [10]],
  ['several', [10, 2_000, 0, 500]],
  ['several, one of them larger than what is read at once', [10, LIMITS.evidencePieceBytes, 20]],
])(
  'the evidence of %s that became final together comes back one by one, with its number',
  async (_, sizes) => {
    const objects = createMemoryObjects();
    const files = sizes.map((bytes, index) => fileOf(`inv_${index}`, bytes));
    const places = await storeEvidence(objects, OWNER, files);
    expect(new Set(places.map(({ evidenceObject }) => evidenceObject)).size).toBe(1);
    for (const [index, place] of places.entries()) {
      const number = `INV-00000${index}`;
      // Asked twice: what was computed for the first is there for the second.
      for (const opened of [
        await openEvidence(objects, place, number),
        await openEvidence(objects, place, number),
      ]) {
        const expected = withNumber(files[index]?.text ?? '', number);
        expect((await textOf(opened)) === expected).toBe(true);
        expect(opened.sha256).toBe(sha256Hex(expected.slice(0, expected.lastIndexOf('{"events"'))));
      }
    }
  },
);

test('the same evidence is one object, other evidence another, and none is none', async () => {
  const objects = createMemoryObjects();
  const [one, two] = [fileOf('inv_1', 10), fileOf('inv_2', 10)];
  const [first] = await storeEvidence(objects, OWNER, [one, two]);
  const [again] = await storeEvidence(objects, OWNER, [one, two]);
  const [alone] = await storeEvidence(objects, OWNER, [one]);
  expect(again).toEqual(first);
  expect(alone?.evidenceObject).not.toBe(first?.evidenceObject);
  expect(await storeEvidence(objects, OWNER, [])).toEqual([]);
  expect((await objects.list({ prefix: 'invoices/acme/evidence/2026-02-02/', limit: 9 })).keys).toHaveLength(
    2,
  );
});
