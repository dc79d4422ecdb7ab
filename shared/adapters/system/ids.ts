import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { IdSource } from '../../ports/id-source.ts';

const SECRET_BYTES = 32;

/** Ids and secrets from the machine's cryptographic randomness; ids of one process sort in the order they were drawn. */
export function createSystemIds(): IdSource {
  return {
    uuid: () => v7(),
    secret: () => randomBytes(SECRET_BYTES).toString('base64url'),
  };
}
