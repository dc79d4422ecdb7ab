import { createHash, createHmac, type Hash, hash, timingSafeEqual } from 'node:crypto';
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

/** Texts are gathered up to this length: each hand-over costs as much as the hashing of a few hundred bytes. */
const GATHERED_LENGTH = 65_536;

export function runningSha256(): RunningSha256 {
  let running: Hash | null = null;
  let gathered = '';
  const handOver = () => {
    running ??= createHash('sha256');
    if (gathered !== '') running.update(gathered);
    gathered = '';
    return running;
  };
  return {
    add: (part) => {
      if (typeof part === 'string') gathered += part;
      if (typeof part !== 'string') handOver().update(part);
      else if (gathered.length >= GATHERED_LENGTH) handOver();
    },
    hex: () => (running === null ? sha256Hex(gathered) : handOver().copy().digest('hex')),
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
