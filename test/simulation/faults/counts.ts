import {
  type FaultKind,
  PORT_FAULTS,
  PORTS,
  type PortName,
  STRIKES_MIN,
  WORLD_EVENTS,
  type WorldEvent,
} from './kinds.ts';

/** How often each fault struck each port, and each event the world. */
export interface FaultCounts {
  count(port: PortName, kind: FaultKind): void;
  countEvent(event: WorldEvent): void;
  of(port: PortName, kind: FaultKind): number;
  add(other: FaultCounts): void;
  ofEvent(event: WorldEvent): number;
}

export function createFaultCounts(): FaultCounts {
  const strikes = new Map<string, number>();
  const raise = (key: string, by: number) => void strikes.set(key, (strikes.get(key) ?? 0) + by);
  const ofEvent = (event: WorldEvent) => strikes.get(event) ?? 0;
  const of = (port: PortName, kind: FaultKind) => strikes.get(`${port}/${kind}`) ?? 0;
  return {
    count: (port, kind) => raise(`${port}/${kind}`, 1),
    countEvent: (event) => raise(event, 1),
    of,
    ofEvent,
    add: (other) => {
      for (const [port, kind] of cells()) raise(`${port}/${kind}`, other.of(port, kind));
      for (const event of WORLD_EVENTS) raise(event, other.ofEvent(event));
    },
  };
}

/** What struck less often than it must, as `port/kind`. */
export function missingStrikes(counts: FaultCounts): readonly string[] {
  const ports = cells().filter(([port, kind]) => counts.of(port, kind) < STRIKES_MIN);
  const events = WORLD_EVENTS.filter((event) => counts.ofEvent(event) < STRIKES_MIN);
  return [...ports.map(([port, kind]) => `${port}/${kind}`), ...events.map((event) => `world/${event}`)];
}

function cells(): readonly (readonly [PortName, FaultKind])[] {
  return PORTS.flatMap((port) => PORT_FAULTS[port].map((kind) => [port, kind] as const));
}

/** One line a port: `items  error_before 12  delay 31 …`. */
export function countsTable(counts: FaultCounts): readonly string[] {
  const ports = PORTS.map((port) => {
    const kinds = PORT_FAULTS[port].map((kind) => `${kind} ${counts.of(port, kind)}`);
    return `${port.padEnd(17)}${kinds.join('  ')}`;
  });
  const events = WORLD_EVENTS.map((event) => `${event} ${counts.ofEvent(event)}`);
  return [...ports, `${'world'.padEnd(17)}${events.join('  ')}`];
}
