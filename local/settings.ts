import { z } from 'zod';
import { type AppError, appError } from '../shared/kernel/errors.ts';
import { LIMITS } from '../shared/kernel/limits.ts';
import { err, ok, type Result } from '../shared/kernel/result.ts';
import type { WantedClaims } from './claims.ts';

const PORT_MAX = 65_535;
const PARTS = { '1': 1, '4': 4, '16': 16 } as const;

/** What the environment may say to the embedded server. */
const environmentSchema = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port')
    .transform(Number)
    .refine((port) => port <= PORT_MAX, `must be at most ${PORT_MAX}`)
    .default(8787),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATA_DIR: z.string().min(1).default('.data'),
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR', 'SILENT']).default('WARN'),
  COUNTINGHOUSE_CLAIMS: z.enum(['exact', 'packed']).optional(),
  COUNTINGHOUSE_CLAIM_PARTS: z
    .enum(['1', '4', '16'])
    .transform((parts) => PARTS[parts])
    .optional(),
  COUNTINGHOUSE_DEV_KEY: z
    .string()
    .min(LIMITS.secretLengthMin, `must have at least ${LIMITS.secretLengthMin} characters`)
    .max(LIMITS.secretLength)
    .regex(/^[A-Za-z0-9._~+/=-]+$/, 'may have letters, digits and . _ ~ + / = - only')
    .optional(),
});

export interface ServerSettings {
  readonly port: number;
  readonly host: string;
  readonly dataFolder: string;
  readonly logLevel: z.output<typeof environmentSchema>['LOG_LEVEL'];
  /** How claims are kept; what is not said stays as it is in the data folder. */
  readonly claims?: WantedClaims;
  /** An all-scopes key of the tenant `local`, operator included; null: a key without that right is made. */
  readonly developmentKey: string | null;
}

/** Empty variables count as absent. Error `request.invalid` naming each wrong variable, never its value. */
export function readSettings(
  env: Readonly<Record<string, string | undefined>>,
): Result<ServerSettings, AppError> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return err(appError('request.invalid', wrong.join('; ')));
  }
  const { PORT, HOST, DATA_DIR, LOG_LEVEL, ...ours } = parsed.data;
  return ok({
    port: PORT,
    host: HOST,
    dataFolder: DATA_DIR,
    logLevel: LOG_LEVEL,
    claims: { mode: ours.COUNTINGHOUSE_CLAIMS ?? null, parts: ours.COUNTINGHOUSE_CLAIM_PARTS ?? null },
    developmentKey: ours.COUNTINGHOUSE_DEV_KEY ?? null,
  });
}
