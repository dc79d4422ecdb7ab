/** Plain decimal text, checked by `checkPrice`: not negative, at most 15 digits before the point and 12 after it. */
type DecimalText = string;

/** The same amount however much is used. */
export interface FlatPrice {
  readonly model: 'flat';
  readonly amount: DecimalText;
}

export interface PerUnitPrice {
  readonly model: 'per_unit';
  readonly unitAmount: DecimalText;
}

/**
 * `upTo` belongs to the tier, the next one starts just above it; null is without bound, and only the last. An amount that
 * is absent does not exist; one of "0" is a price of nothing, and is shown.
 */
export interface Tier {
  readonly upTo: DecimalText | null;
  readonly unitAmount?: DecimalText;
  readonly flatAmount?: DecimalText;
}

/** Each unit at the price of the tier that it lies in; a flat amount for each tier that is entered, the first always is. */
export interface GraduatedPrice {
  readonly model: 'graduated';
  readonly tiers: readonly Tier[];
}

/** All units at the price of the tier that their total falls in, and its flat amount. */
export interface VolumePrice {
  readonly model: 'volume';
  readonly tiers: readonly Tier[];
}

/** Packages of `packageSize` units, counted after `freeUnits`; a started package counts (`up`, the default) or does not. */
export interface PackagePrice {
  readonly model: 'package';
  readonly packageSize: DecimalText;
  readonly packageAmount: DecimalText;
  readonly freeUnits?: DecimalText;
  readonly rounding?: 'up' | 'down';
}

export type Price = FlatPrice | PerUnitPrice | GraduatedPrice | VolumePrice | PackagePrice;

export type PriceModel = Price['model'];
