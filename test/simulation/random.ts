import { assert } from '../../shared/kernel/assert.ts';

/** Everything that a run leaves to chance, decided by its seed. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** An integer in [min, max]. */
  int(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  shuffle<T>(list: readonly T[]): T[];
  /** A source of its own: what one actor draws does not change what another does. */
  fork(name: string): Random;
}

/** sfc32 over a hashed seed: fast, and without the short cycles that a 32-bit state has. */
export function createRandom(seed: string): Random {
  const state = hashSeed(seed);
  for (let round = 0; round < 12; round += 1) step(state);
  let forks = 0;
  const next = () => step(state) / 2 ** 32;
  const int = (min: number, max: number) => {
    assert(min <= max, 'a random integer lies in a range');
    return min + Math.floor(next() * (max - min + 1));
  };
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: <T>(choices: readonly T[]) => choices[int(0, choices.length - 1)] as T,
    shuffle: (list) => {
      const mixed = [...list];
      for (let last = mixed.length - 1; last > 0; last -= 1) {
        const other = int(0, last);
        [mixed[last], mixed[other]] = [mixed[other] as never, mixed[last] as never];
      }
      return mixed;
    },
    fork: (name) => {
      forks += 1;
      return createRandom(`${seed}/${name}/${forks}`);
    },
  };
}

function hashSeed(seed: string): Uint32Array {
  const state = new Uint32Array([0x9e3779b9, 0x243f6a88, 0xb7e15162, 1]);
  for (const [index, code] of [...Buffer.from(seed)].entries()) {
    const word = index % 3;
    state[word] = Math.imul((state[word] ?? 0) ^ code, 0x01000193) + index;
  }
  return state;
}

function step(state: Uint32Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = state;
  const sum = (a + b + d) | 0;
  state[3] = d + 1;
  state[0] = b ^ (b >>> 9);
  state[1] = c + (c << 3);
  state[2] = ((c << 21) | (c >>> 11)) + sum;
  return sum >>> 0;
}
