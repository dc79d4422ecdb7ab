/** The attributes of CloudEvents 1.0 that we read; extension attributes carry nothing billable and are left out. */
const FIELDS: Readonly<Record<string, string>> = {
  id: 'id',
  source: 'source',
  type: 'type',
  subject: 'customer',
  time: 'time',
  data: 'properties',
};

/** A CloudEvent (JSON format) as one of our events, not yet checked; anything but an object is left as it is. */
export function fromCloudEvent(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const field = FIELDS[name];
      return field === undefined ? [] : [[field, member]];
    }),
  );
}

/** Where a client finds our field in the CloudEvent that it sent. */
export function cloudEventField(field: string): string {
  const found = Object.entries(FIELDS).find(([, ours]) => field === ours || field.startsWith(`${ours}.`));
  return found === undefined ? field : found[0] + field.slice(found[1].length);
}
