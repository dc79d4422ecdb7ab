import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { newId } from '../../shared/kernel/ids.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';

export type ApiEvent = APIGatewayProxyEventV2;
export type ApiResult = APIGatewayProxyStructuredResultV2;

/** API Gateway hands header names over in lower case; several values are joined by commas. */
export function header(event: ApiEvent, name: string): string | undefined {
  return event.headers[name];
}

const REQUEST_ID = /^[A-Za-z0-9_.:-]+$/;

/** The client's `x-request-id` when it is a plain word, else a new one. */
export function requestIdOf(event: ApiEvent, ids: { uuid(): string }): string {
  const sent = header(event, 'x-request-id');
  if (sent !== undefined && sent.length <= LIMITS.requestIdLength && REQUEST_ID.test(sent)) return sent;
  return newId('req', ids.uuid());
}
