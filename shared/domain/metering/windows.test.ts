import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../kernel/limits.ts';
import { windowList } from './window-list.ts';
import { parseWindow, windowsOf } from './windows.ts';

const HOUR_MS = 3_600_000;

function lengthsInHours(input: Parameters<typeof parseWindow>[0], from: string, to: string) {
  const range = { fromMs: Date.parse(from), toMs: Date.parse(to) };
  const spec = parseWindow(input);
  const windows = spec.ok ? windowsOf(spec.value, range) : spec;
  if (!windows.ok) throw new Error(windows.error.detail);
  const list = windowList(windows.value, range);
  return Array.from({ length: list.count }, (_, index) => list.at(index)).map(
    ({ fromMs, toMs }) => (toMs - fromMs) / HOUR_MS,
  );
}

describe('windows', () => {
  it('are the whole range when none are asked for', () => {
    expect(lengthsInHours({}, '2026-11-24T00:00:00.000Z', '2026-11-25T12:00:00.000Z')).toEqual([36]);
  });

  it('of days in a zone have 25 and 23 hours where the clocks change', () => {
    const day = { window: 'day', timeZone: 'Europe/Berlin' };
    const autumn = lengthsInHours(day, '2026-10-23T22:00:00.000Z', '2026-10-26T23:00:00.000Z');
    expect(autumn).toEqual([24, 25, 24]);
    const spring = lengthsInHours(day, '2026-03-27T23:00:00.000Z', '2026-03-30T22:00:00.000Z');
    expect(spring).toEqual([24, 23, 24]);
  });

  it('of a calendar are cut off at the edges of the range', () => {
    const days = lengthsInHours({ window: 'day' }, '2026-11-24T18:00:00.000Z', '2026-11-26T06:00:00.000Z');
    expect(days).toEqual([6, 24, 6]);
    const week = lengthsInHours({ window: 'week' }, '2026-11-21T00:00:00.000Z', '2026-11-24T00:00:00.000Z');
    expect(week).toEqual([48, 24]);
  });

  it('that slide start at the range and lie wholly in it', () => {
    const sliding = { window: '24h', step: '90m' };
    expect(lengthsInHours(sliding, '2026-11-24T00:00:00.000Z', '2026-11-25T02:59:59.999Z')).toEqual([24, 24]);
    expect(lengthsInHours(sliding, '2026-11-24T00:00:00.000Z', '2026-11-25T03:00:00.000Z')).toHaveLength(3);
    expect(lengthsInHours(sliding, '2026-11-24T00:00:00.000Z', '2026-11-24T23:00:00.000Z')).toEqual([]);
  });

  it.each([
    [{ window: 'year' }, 'usage.invalid_window', 'window'],
    [{ window: '' }, 'usage.invalid_window', 'window'],
    [{ window: '0h', step: '1h' }, 'usage.invalid_window', 'window'],
    [{ window: '24 h', step: '1h' }, 'usage.invalid_window', 'window'],
    [{ window: '24h' }, 'usage.invalid_window', 'step'],
    [{ window: '24h', step: 'hour' }, 'usage.invalid_window', 'step'],
    [{ window: 'day', step: '1h' }, 'usage.invalid_window', 'step'],
    [{ step: '1h' }, 'usage.invalid_window', 'step'],
    [{ window: '1001m', step: '1m' }, 'usage.invalid_window', 'step'],
    [{ window: 'day', timeZone: 'Europe/Nowhere' }, 'usage.invalid_time_zone', 'timeZone'],
    [{ window: 'day', timeZone: '+02:00' }, 'usage.invalid_time_zone', 'timeZone'],
  ])('%j are refused as %s at %s', (input, code, path) => {
    expect(parseWindow(input)).toMatchObject({ ok: false, error: { code, issues: [{ path, code }] } });
  });

  it.each([{ window: 'minute' }, { window: '2m', step: '1m' }])('%j of a year are too many', (input) => {
    const spec = parseWindow(input);
    const range = { fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2027, 0, 1) };
    const windows = spec.ok ? windowsOf(spec.value, range) : spec;
    expect(windows).toMatchObject({ ok: false, error: { code: 'usage.too_many_windows' } });
  });

  it('at their limit are allowed', () => {
    const range = { fromMs: 0, toMs: LIMITS.usageWindowsMax * 60_000 };
    const minutes = windowsOf({ kind: 'calendar', unit: 'minute', timeZone: 'UTC' }, range);
    const sliding = windowsOf({ kind: 'sliding', lengthMs: 60_000, stepMs: 60_000 }, range);
    const counts = [minutes, sliding].map((windows) => windows.ok && windowList(windows.value, range).count);
    expect(counts).toEqual([LIMITS.usageWindowsMax, LIMITS.usageWindowsMax]);
  });
});
