import type { Price, PriceModel } from '../price.ts';
import { flat } from './flat.ts';
import { graduated } from './graduated.ts';
import type { ModelRules } from './model.ts';
import { packages } from './package.ts';
import { perUnit } from './per-unit.ts';
import { volume } from './volume.ts';

type Registry = { readonly [Model in PriceModel]: ModelRules<Extract<Price, { readonly model: Model }>> };

const MODELS: Registry = { flat, per_unit: perUnit, graduated, volume, package: packages };

/** The rules for this very price: its `model` says which. */
export function rulesOf(price: Price): ModelRules<Price> {
  return MODELS[price.model];
}
