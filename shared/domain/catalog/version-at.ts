import { assert, defined } from '../../kernel/assert.ts';

/** When a following subscription takes a later version up: at once, or where its next period begins. */
export type Apply = 'next_period' | 'immediately';

/** A published version as far as it decides when it holds. */
export interface PublishedVersion {
  readonly version: number;
  readonly effectiveFromMs: number;
  readonly apply: Apply;
}

/**
 * The version that a subscription starting at the instant gets: the newest one in effect by then, else the first one
 * ever published. `versions` are all published ones, ascending. Throws when there is none.
 */
export function versionAt<V extends PublishedVersion>(versions: readonly V[], atMs: number): V {
  assertAscending(versions);
  const inEffect = versions.findLast(({ effectiveFromMs }) => effectiveFromMs <= atMs);
  return inEffect ?? defined(versions[0], 'a published version');
}

/** Publishing keeps this order: neither numbers nor instants go back. */
function assertAscending(versions: readonly PublishedVersion[]): void {
  versions.reduce((before, next) => {
    assert(before.version < next.version, 'published versions ascend');
    assert(before.effectiveFromMs <= next.effectiveFromMs, 'later versions take effect later');
    return next;
  }, BEFORE_ALL);
}

const BEFORE_ALL: PublishedVersion = {
  version: 0,
  effectiveFromMs: Number.NEGATIVE_INFINITY,
  apply: 'next_period',
};
