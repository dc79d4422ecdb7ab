import { createHash, createHmac, hash, timingSafeEqual } from 'node:crypto';
import { assert } from './assert.ts';

/** SHA-256 as 64 lower-case hex digits; text counts as UTF-8. */
export function sha256Hex(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}

/** SHA-256 of content that arrives in parts. */
export interface RunningSha256 {
  add(part: string | Uint8Array): void;
  /** Of everything added so far, as 64 lower-case hex digits; more may follow. */
  hex(): string;
}

export function runningSha256(): RunningSha256 {
  const running = createHash('sha256');
  return {
    add: (part) => {
      running.update(part);
    },
    hex: () => running.copy().digest('hex'),
  };
}

/** The first 64 bits of SHA-256 as an unsigned integer. Stored values depend on it: it never changes. */
export function hash64(content: string | Uint8Array): bigint {
  return hash('sha256', content, 'buffer').readBigUInt64BE(0);
}

/** A stable number in [0, modulus), evenly spread. Lanes and partitions depend on it: it never changes. */
export function hashModulo(content: string, modulus: number): number {
  assert(Number.isSafeInteger(modulus) && modulus > 0, 'a modulus is a positive integer');
  return Number(hash64(content) % BigInt(modulus));
}

/** HMAC-SHA-256 as 64 lower-case hex digits. */
export function hmacSha256Hex(secret: string | Uint8Array, content: string | Uint8Array): string {
  return createHmac('sha256', secret).update(content).digest('hex');
}

/** Compares secrets in a time that tells nothing about where they differ. Only their lengths are not hidden. */
export function equalInConstantTime(left: string, right: string): boolean {
  const leftBytes = Buffer.from(left);
  const rightBytes = Buffer.from(right);
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}
