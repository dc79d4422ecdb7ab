import { hmacSha256Hex } from '../../shared/kernel/hash.ts';

/** Secrets of every world. */
export const PEPPER = 'a pepper of at least thirty-two characters';
export const CLAIMS_KEY = hmacSha256Hex(PEPPER, 'the key of packed claims');
