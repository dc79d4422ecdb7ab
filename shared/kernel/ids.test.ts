import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Id, idOfContent, newId, parseId, ulidTimeMs, uuidTimeMs } from './ids.ts';

const uuidV7 = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.stringMatching(/^[0-9a-f]{18}$/))
  .map(([timeMs, random]) => {
    const time = timeMs.toString(16).padStart(12, '0');
    const variant = ((Number.parseInt(random.charAt(3), 16) & 3) | 8).toString(16);
    return {
      timeMs,
      uuid: `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(6, 18)}`,
    };
  });

describe('newId', () => {
  test('ids sort as their UUIDs do, differ if these differ, and are read back', () => {
    fc.assert(
      fc.property(uuidV7, uuidV7, (left, right) => {
        const [leftId, rightId] = [newId('key', left.uuid), newId('key', right.uuid)];
        expect(leftId).toMatch(/^key_[0-7][0-9a-z]{25}$/);
        expect(leftId < rightId).toBe(left.uuid < right.uuid);
        expect(leftId === rightId).toBe(left.uuid === right.uuid);
        expect(parseId('key', leftId)).toBe(leftId);
      }),
    );
  });

  test('the same UUID gives the same id whatever its case', () => {
    const uuid = '019abcde-f012-7abc-8def-0123456789ab';
    expect(newId('evt', uuid)).toBe('evt_01kaydxw0jfay8vvr14d2pf2db');
    expect(newId('evt', uuid.toUpperCase())).toBe(newId('evt', uuid));
  });

  test('anything but a UUIDv7 and a plain prefix throws', () => {
    expect(() => newId('key', 'c56a4180-65aa-42ec-a945-5fd21dec0538')).toThrow('UUIDv7');
    expect(() => newId('Key_', '019abcde-f012-7abc-8def-0123456789ab')).toThrow('prefix');
  });

  test('an id of one kind does not compile as an id of another', () => {
    const key: Id<'key'> = newId('key', '019abcde-f012-7abc-8def-0123456789ab');
    // @ts-expect-error the prefix is part of the type
    const event: Id<'evt'> = key;
    expect(parseId('evt', event)).toBeNull();
  });
});

test.each([
  'key_01kaydxw0jfay8vvr14d2pf2d',
  'key_01kaydxw0jfay8vvr14d2pf2dbb',
  'key_81kaydxw0jfay8vvr14d2pf2db',
  'key_01KAYDXW0JFAY8VVR14D2PF2DB',
  'key_01kaydxw0jfay8vvr14d2pf2di',
  'evt_01kaydxw0jfay8vvr14d2pf2db',
  'key01kaydxw0jfay8vvr14d2pf2db',
  'key_01kaydxw0jfay8vvr14d2pf2db\n',
  '',
])('%j is no key id', (text) => {
  expect(parseId('key', text)).toBeNull();
});

describe('embedded time', () => {
  test('a UUIDv7 tells the millisecond that it was made in', () => {
    fc.assert(
      fc.property(uuidV7, ({ timeMs, uuid }) => {
        expect(uuidTimeMs(uuid)).toBe(timeMs);
        expect(uuidTimeMs(uuid.toUpperCase())).toBe(timeMs);
      }),
    );
  });

  test('a ULID tells the millisecond that it was made in, in either case', () => {
    expect(ulidTimeMs('01ARZ3NDEKTSV4RRFFQ69G5FAV')).toBe(1_469_922_850_259);
    expect(ulidTimeMs('01arz3ndektsv4rrffq69g5fav')).toBe(1_469_922_850_259);
    expect(ulidTimeMs('7ZZZZZZZZZ0000000000000000')).toBe(2 ** 48 - 1);
  });

  test.each([
    '',
    'conv-1',
    'c56a4180-65aa-42ec-a945-5fd21dec0538',
    '8ZZZZZZZZZ0000000000000000',
    '01ARZ3NDEKTSV4RRFFQ69G5FAU',
    '01ARZ3NDEKTSV4RRFFQ69G5FA',
  ])('%j carries no time', (text) => {
    expect(uuidTimeMs(text)).toBeNull();
    expect(ulidTimeMs(text)).toBeNull();
  });
});

test('the id of a content is 128 bits of its SHA-256, and reads as any other id', () => {
  // SHA-256 of nothing begins with e3b0c44298fc1c14 9afbf4c8996fb924.
  expect(idOfContent('inv', '')).toBe('inv_73p324567w3ga9nyzms2cpze94');
  expect(parseId('inv', idOfContent('inv', ''))).not.toBeNull();
  expect(idOfContent('inv', 'a')).not.toBe(idOfContent('inv', 'b'));
});
