import { assert } from '../../kernel/assert.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';

const COUNTER_BITS = 62n;

/**
 * Ids that are the same in every run: a UUIDv7 of the clock's time and a counter, so they rise while the clock does
 * not go back. Secrets are hashes of a counter.
 */
export function createCountedIds(deps: { readonly clock: Pick<Clock, 'nowMs'> }): IdSource {
  let uuids = 0n;
  let secrets = 0;
  return {
    uuid: () => {
      const timeMs = BigInt(deps.clock.nowMs());
      assert(timeMs >= 0n && timeMs < 1n << 48n, 'the time of an id has 48 bits');
      uuids += 1n;
      const bits = (timeMs << 80n) | (0x7n << 76n) | (0b10n << COUNTER_BITS) | uuids;
      return bits
        .toString(16)
        .padStart(32, '0')
        .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    },
    secret: () => {
      secrets += 1;
      return Buffer.from(sha256Hex(`secret ${secrets}`), 'hex').toString('base64url');
    },
  };
}
