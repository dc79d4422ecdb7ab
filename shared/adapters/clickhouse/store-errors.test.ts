import { ClickHouseError } from '@clickhouse/client';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../ports/store-error.ts';
import { toStoreError } from './store-errors.ts';

const exception = (type: string, message = 'no') => new ClickHouseError({ code: '1', type, message });
const failure = (message: string, code?: string) => Object.assign(new Error(message), code && { code });

describe('what a failure says of an insert', () => {
  it.each([
    ['a value that does not fit', exception('ARGUMENT_OUT_OF_BOUND'), 'refused', 'rejected'],
    ['a constraint', exception('VIOLATED_CONSTRAINT'), 'refused', 'rejected'],
    ['a timeout of the server', exception('TIMEOUT_EXCEEDED'), 'unknown', 'timeout'],
    ['too many parts, maybe of a view', exception('TOO_MANY_PARTS'), 'unknown', 'throttled'],
    ['too many queries', exception('TOO_MANY_SIMULTANEOUS_QUERIES'), 'not_done', 'throttled'],
    [
      'an exception without a name here',
      exception('FUNCTION_THROW_IF_VALUE_IS_NON_ZERO'),
      'unknown',
      'other',
    ],
    ['a full disk', exception('STD_EXCEPTION', 'No space left on device'), 'unknown', 'disk_full'],
    [
      'a server that is not there',
      failure('connect ECONNREFUSED', 'ECONNREFUSED'),
      'not_done',
      'unreachable',
    ],
    ['a broken connection', failure('socket hang up', 'ECONNRESET'), 'unknown', 'unreachable'],
    ['a timeout of the client', failure('Timeout error.'), 'unknown', 'timeout'],
    ['something thrown that is no error', 'no', 'unknown', 'unreachable'],
  ])('%s', (_, thrown, outcome, reason) => {
    expect(toStoreError(thrown, 'the insert failed')).toMatchObject({ outcome, reason, cause: thrown });
  });

  it('is not said twice', () => {
    const known = new StoreError({ message: 'known', outcome: 'refused', reason: 'rejected' });
    expect(toStoreError(known, 'again')).toBe(known);
  });
});
