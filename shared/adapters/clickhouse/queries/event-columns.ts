import { z } from 'zod';
import { integerColumn } from '../columns.ts';

/** Columns that rows of several tables share, named as the fields of the domain's rows. */
export const ORIGIN_COLUMNS = `tenant, chunk, fence, revision, toString(row_hash) AS rowHash`;

export const originColumns = {
  tenant: z.string(),
  chunk: z.string(),
  fence: integerColumn,
  revision: integerColumn,
  rowHash: z.string(),
};

/** Qualified: an alias must not stand in for the column in conditions and in the order. */
export const TIME_COLUMNS = `toUnixTimestamp64Milli(time) AS timeMs, toUnixTimestamp64Milli(received_at) AS receivedAtMs`;

export const timeColumns = { timeMs: integerColumn, receivedAtMs: integerColumn };
