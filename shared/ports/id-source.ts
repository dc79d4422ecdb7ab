/** Randomness and ids, so that a simulation can seed them. */
export interface IdSource {
  /** UUIDv7 in canonical text form: sortable by time. */
  uuid(): string;
  /** 256 random bits, base64url without padding (43 characters). */
  secret(): string;
}
