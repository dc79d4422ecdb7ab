/** What names a charge in a segment: a later row of the same key takes the place of an earlier one. */
export interface PricedKey {
  readonly tenant: string;
  /** Keys. */
  readonly customer: string;
  readonly subscription: string;
  readonly charge: string;
  readonly planVersion: number;
  readonly segmentStartMs: number;
}

/** The absolute amount of a charge in a segment by all usage ahead of a fence. Numbers are plain decimal text, instants epoch ms. */
export interface PricedRow extends PricedKey {
  readonly plan: string;
  /** Moves where the subscription is canceled or a version takes effect. */
  readonly segmentEndMs: number;
  /** The billing period that the segment is of. */
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly quantity: string;
  readonly unit: string | null;
  /** Before rounding to the currency, to 28 decimals. */
  readonly amount: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Null where no meter is asked. */
  readonly meterVersion: number | null;
  readonly fence: number;
  /** Wall time before the subscription and its plan were read: of two rows of one fence, the later one knows better. */
  readonly pricedAtMs: number;
  /** False: the charge or its segment is gone, and nothing is due. */
  readonly inForce: boolean;
}
