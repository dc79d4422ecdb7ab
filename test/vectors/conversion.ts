import { z } from 'zod';
import type { Conversion } from '../../shared/domain/rating/charge.ts';
import type { PackagePrice } from '../../shared/domain/rating/price.ts';
import { numberSchema } from './shapes.ts';

export const unitConversionSchema = z.strictObject({
  op: z.literal('divide'),
  factor: numberSchema,
  rounding: z.enum(['ceiling', 'half_up', 'none']),
  enabled: z.literal(true),
});

const ROUNDING = { ceiling: 'up', half_up: 'half_up', none: 'none' } as const;

export function toConversion(found: z.infer<typeof unitConversionSchema> | null): Conversion | undefined {
  return found === null ? undefined : { divideBy: found.factor, round: ROUNDING[found.rounding] };
}

/** A conversion alone, or one that stands before a package price. */
export const conversionSchema = z
  .strictObject({
    unit_conversion: unitConversionSchema.nullable().default(null),
    price: z.literal('package').optional(),
    package_size: numberSchema.optional(),
    amount: numberSchema.optional(),
  })
  .transform(({ unit_conversion: conversion, price, package_size: size, amount }) => {
    const packages: PackagePrice | null =
      price === undefined ? null : { model: price, packageSize: size ?? '', packageAmount: amount ?? '' };
    return { conversion, package: packages };
  });
