import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { z } from 'zod';

/** An answer as it is given again, byte for byte. */
const answerShape = z.strictObject({
  status: z.int(),
  contentType: z.string(),
  content: z.string(),
  headers: z.record(z.string(), z.string()),
});

export type StoredAnswer = Readonly<z.output<typeof answerShape>>;

/** What only the caller can bring along: who has the store alone cannot read an answer. */
interface SealKey {
  readonly secret: string;
  readonly idempotencyKey: string;
  /** New for every answer, so that no key and nonce are ever used twice. */
  readonly salt: string;
  /** Bound to the answer: a record moved to another request does not open. */
  readonly fingerprint: string;
}

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

function derive(key: SealKey): { readonly key: Buffer; readonly nonce: Buffer } {
  const info = `countinghouse idempotency 1 ${key.idempotencyKey}`;
  const bytes = Buffer.from(hkdfSync('sha256', key.secret, key.salt, info, KEY_BYTES + NONCE_BYTES));
  return { key: bytes.subarray(0, KEY_BYTES), nonce: bytes.subarray(KEY_BYTES) };
}

export function sealAnswer(key: SealKey, answer: StoredAnswer): Uint8Array {
  const derived = derive(key);
  const cipher = createCipheriv(CIPHER, derived.key, derived.nonce).setAAD(Buffer.from(key.fingerprint));
  const body = Buffer.concat([cipher.update(JSON.stringify(answer), 'utf8'), cipher.final()]);
  return new Uint8Array(Buffer.concat([body, cipher.getAuthTag()]));
}

/** Throws when the record was changed or belongs to another request. */
export function openAnswer(key: SealKey, sealed: Uint8Array): StoredAnswer {
  const derived = derive(key);
  const decipher = createDecipheriv(CIPHER, derived.key, derived.nonce).setAAD(Buffer.from(key.fingerprint));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const body = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
  return answerShape.parse(JSON.parse(body.toString('utf8')));
}
