import { fromCloudEvent } from '../../contracts/cloud-event.ts';
import { type AppError, appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

export type EventFormat = 'countinghouse' | 'cloudevent' | 'cloudevents_batch';

type Path = readonly (string | number)[];

/** The events of a request body, and how to find the event that a path within the body lies in. */
export interface EventList {
  readonly values: readonly unknown[];
  locate(path: Path): { readonly index: number; readonly rest: Path };
}

/** `{"events": […]}`, one event, one CloudEvent or a batch of them. */
export function listEvents(body: unknown, format: EventFormat): Result<EventList, AppError> {
  if (format === 'cloudevent') return ok({ values: [fromCloudEvent(body)], locate: locateInSingle });
  if (format === 'cloudevents_batch') {
    if (!Array.isArray(body))
      return err(appError('request.invalid', 'a batch of CloudEvents is a JSON list'));
    return bounded({ values: body.map(fromCloudEvent), locate: (path) => locateAt(path, 0) });
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return err(appError('request.invalid', 'send {"events": […]} or one event object'));
  }
  if (!Object.hasOwn(body, 'events')) return ok({ values: [body], locate: locateInSingle });
  const { events, ...others } = body as { events: unknown };
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    const issues = [
      { path: unknown, code: 'request.unknown_field' as const, message: 'this field is not known' },
    ];
    return err(
      appError('request.unknown_field', `the field "${unknown}" is not known beside events`, issues),
    );
  }
  if (!Array.isArray(events)) {
    const issues = [{ path: 'events', code: 'request.invalid_field' as const, message: 'must be a list' }];
    return err(appError('request.invalid_field', 'events must be a list', issues));
  }
  return bounded({ values: events, locate: (path) => locateAt(path, 1) });
}

function locateInSingle(path: Path) {
  return { index: 0, rest: path };
}

function locateAt(path: Path, position: number) {
  return { index: Number(path[position]), rest: path.slice(position + 1) };
}

function bounded(list: EventList): Result<EventList, AppError> {
  if (list.values.length === 0) return err(appError('event.batch_empty'));
  if (list.values.length > LIMITS.eventsPerRequest) {
    const detail = `the request has ${list.values.length} events, at most ${LIMITS.eventsPerRequest} are allowed`;
    return err(appError('event.batch_too_large', detail));
  }
  return ok(list);
}
