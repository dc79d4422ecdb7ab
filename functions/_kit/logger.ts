import { Logger } from '@aws-lambda-powertools/logger';

const LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'SILENT'] as const;
type LogLevel = (typeof LEVELS)[number];
export type AppLogger = Logger;

/** Structured logs, one JSON object a line. Nothing of a request's body goes in. */
export function createLogger(input: { readonly service: string; readonly level: LogLevel }): AppLogger {
  return new Logger({ serviceName: input.service, logLevel: input.level });
}
