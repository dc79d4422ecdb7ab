import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equalInConstantTime, hash64, hashModulo, hmacSha256Hex, runningSha256, sha256Hex } from './hash.ts';

const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test('SHA-256 gives the digest of FIPS 180 for text and for its UTF-8 bytes', () => {
  expect(sha256Hex('abc')).toBe(ABC);
  expect(sha256Hex(new TextEncoder().encode('abc'))).toBe(ABC);
  expect(sha256Hex('€')).toBe(sha256Hex(new Uint8Array([0xe2, 0x82, 0xac])));
});

test('the 64-bit hash is the first quarter of SHA-256, unsigned', () => {
  expect(hash64('abc')).toBe(BigInt(`0x${ABC.slice(0, 16)}`));
});

test('stored hashes never change', () => {
  expect(hashModulo('acme', 64)).toBe(Number(BigInt(`0x${sha256Hex('acme').slice(0, 16)}`) % 64n));
  expect([hashModulo('acme', 64), hashModulo('globex', 64), hashModulo('local', 64)]).toMatchInlineSnapshot(`
    [
      32,
      39,
      16,
    ]
  `);
});

test('HMAC-SHA-256 gives the digest of RFC 4231, test case 2', () => {
  expect(hmacSha256Hex('Jefe', 'what do ya want for nothing?')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});

test('a modulus spreads texts over its whole range and never leaves it', () => {
  const seen = new Set<number>();
  for (let index = 0; index < 2_000; index += 1) seen.add(hashModulo(`tenant-${index}`, 64));
  expect([...seen].sort((left, right) => left - right)).toEqual(
    Array.from({ length: 64 }, (_, index) => index),
  );
  expect(() => hashModulo('a', 0)).toThrow('modulus');
});

test('secrets are equal exactly if their texts are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (left, right) => {
      expect(equalInConstantTime(left, right)).toBe(left === right);
      expect(equalInConstantTime(left, left)).toBe(true);
    }),
  );
});

test('SHA-256 of parts is that of the whole, also while it goes on', () => {
  const running = runningSha256();
  expect(running.hex()).toBe(sha256Hex(''));
  running.add('naï');
  running.add(new TextEncoder().encode('ve'));
  expect(running.hex()).toBe(sha256Hex('naïve'));
  running.add('!');
  expect(running.hex()).toBe(sha256Hex('naïve!'));
});

test('SHA-256 of very many parts is that of the whole', () => {
  const running = runningSha256();
  const parts = Array.from({ length: 3_000 }, (_, index) => `${index} naïve € `.repeat(1 + (index % 7)));
  for (const [index, part] of parts.entries()) {
    running.add(part);
    if (index % 1_000 === 0) expect(running.hex()).toBe(sha256Hex(parts.slice(0, index + 1).join('')));
  }
  running.add(new TextEncoder().encode('bytes'));
  expect(running.hex()).toBe(sha256Hex(`${parts.join('')}bytes`));
});
