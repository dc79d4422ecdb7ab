import { createHash } from 'node:crypto';
import type { Clock } from '../../../shared/ports/clock.ts';
import type { IdSource } from '../../../shared/ports/id-source.ts';

/** Ids of all processes of a world: UUIDv7 of the caller's clock, unique by a counter, the same in every run. */
export function createIdSpace(seed: string): (clock: Pick<Clock, 'nowMs'>) => IdSource {
  let drawn = 0;
  const digest = () => {
    drawn += 1;
    return createHash('sha256').update(`${seed}/${drawn}`).digest();
  };
  return (clock) => ({
    uuid: () => {
      const random = digest().toString('hex');
      const time = clock.nowMs().toString(16).padStart(12, '0');
      const [head, middle, tail] = [random.slice(0, 3), random.slice(3, 6), random.slice(6, 18)];
      return `${time.slice(0, 8)}-${time.slice(8)}-7${head}-8${middle}-${tail}`;
    },
    secret: () => digest().toString('base64url'),
  });
}
