import { describe, expect, test } from 'vitest';
import { eventTime } from './time.ts';

describe('time of a row', () => {
  test.each([
    ['2023-11-16 18:15:46.6805900', '2023-11-16T18:15:46.680Z'],
    ['2023-11-16 18:15:46', '2023-11-16T18:15:46.000Z'],
    ['2023-11-16T18:15:46.9999999', '2023-11-16T18:15:46.999Z'],
    ['2023-11-16T20:15:46+02:00', '2023-11-16T18:15:46.000Z'],
    ['2023-11-16 18:15:46.5+00:00', '2023-11-16T18:15:46.500Z'],
    [`2023-11-16T18:15:46.${'1'.repeat(40)}Z`, '2023-11-16T18:15:46.111Z'],
  ])('%s is UTC unless it says otherwise, cut to milliseconds', (text, time) => {
    expect(eventTime(text, null)).toBe(time);
  });

  test.each(['', '16.11.2023', '2023-11-16', '2023-02-30 00:00:00', '2023-11-16 24:00:00', '1700158546'])(
    '%s is no time',
    (text) => {
      expect(eventTime(text, null)).toBeNull();
    },
  );

  test('seconds and milliseconds since 1970 are read digit by digit', () => {
    expect(eventTime('1700158546', 'epoch_s')).toBe('2023-11-16T18:15:46.000Z');
    expect(eventTime('1700158546.0019', 'epoch_s')).toBe('2023-11-16T18:15:46.001Z');
    expect(eventTime('1700158546680', 'epoch_ms')).toBe('2023-11-16T18:15:46.680Z');
    expect(eventTime('1700158546680.999', 'epoch_ms')).toBe('2023-11-16T18:15:46.680Z');
    expect(eventTime('999999999999999', 'epoch_s')).toBeNull();
    expect(eventTime('yesterday', 'epoch_ms')).toBeNull();
  });
});
