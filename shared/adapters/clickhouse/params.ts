import type { ParamValue } from './querier.ts';

type ParamType = 'String' | 'Array(String)' | 'Int64' | 'Array(Int64)' | 'UInt32';

/** Collects the values of one statement; the text gets only placeholders, so no value is ever part of the SQL. */
export interface Params {
  /** The placeholder to write where the value belongs. */
  bind(type: ParamType, value: ParamValue): string;
  readonly values: Readonly<Record<string, ParamValue>>;
}

export function createParams(): Params {
  const values: Record<string, ParamValue> = {};
  return {
    values,
    bind(type, value) {
      const name = `p${Object.keys(values).length}`;
      values[name] = value;
      return `{${name}:${type}}`;
    },
  };
}
