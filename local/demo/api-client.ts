/** What an answer must be for the demo to go on. */
export interface Accepts {
  /** Codes of problems that mean "done in an earlier run". */
  readonly alreadyDone?: readonly string[];
  readonly idempotencyKey?: string;
}

export interface DemoApi {
  /** The body of a success; null where the answer says that it was done before. Throws on anything else. */
  send(
    method: string,
    path: string,
    body?: unknown,
    accepts?: Accepts,
  ): Promise<Record<string, unknown> | null>;
}

/** Speaks to the server as any client does: HTTP and a key. */
export function createDemoApi(input: { readonly url: string; readonly key: string }): DemoApi {
  return {
    send: async (method, path, body, accepts = {}) => {
      const { idempotencyKey } = accepts;
      const response = await fetch(`${input.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${input.key}`,
          'content-type': 'application/json',
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = (await response.json()) as Record<string, unknown>;
      if (response.ok) return answer;
      if (accepts.alreadyDone?.includes(String(answer.code))) return null;
      throw new Error(
        `${method} ${path} answered ${response.status} ${String(answer.code)}: ${String(answer.detail)}`,
      );
    },
  };
}
