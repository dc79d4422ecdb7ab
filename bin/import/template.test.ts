import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTemplate, rowNumberAt } from './template.ts';

const row = { plus: 0, modulo: null };

describe('a template', () => {
  test.each([
    [
      'conv-{row}',
      [
        { kind: 'text', text: 'conv-' },
        { kind: 'row', number: row },
      ],
    ],
    ['{row + 1}', [{ kind: 'row', number: { plus: 1, modulo: null } }]],
    ['{ row%5 }', [{ kind: 'row', number: { plus: 0, modulo: 5 } }]],
    [
      '{Region}/{"a, b"}',
      [
        { kind: 'field', name: 'Region' },
        { kind: 'text', text: '/' },
        { kind: 'field', name: 'a, b' },
      ],
    ],
    ['{"row"}', [{ kind: 'field', name: 'row' }]],
    ['{"say ""}"""}', [{ kind: 'field', name: 'say "}"' }]],
    ['{{row}}', [{ kind: 'text', text: '{row}' }]],
    ['{pick(row, acme, "a, ""b""")}', [{ kind: 'pick', number: row, choices: ['acme', 'a, "b"'] }]],
    ['{pick(row % 2,x,y,z)}', [{ kind: 'pick', number: { plus: 0, modulo: 2 }, choices: ['x', 'y', 'z'] }]],
  ])('%s', (template, parts) => {
    expect(parseTemplate(template)).toEqual({ ok: true, value: parts });
  });

  test.each([
    '{',
    '}',
    '{}',
    '{a',
    '{row % 0}',
    '{row - 1}',
    '{row % -2}',
    'a}x',
    '{pick()}',
    '{pick(row)}',
    '{pick(x, a)}',
    '{pick(row, a,)}',
    '{pick(row, "a)}',
    '{f(x)}',
  ])('that is written wrong is explained: %s', (template) => {
    const parsed = parseTemplate(template);
    expect(parsed).toMatchObject({ ok: false, error: expect.stringMatching(/\w{3}/) });
  });

  test('carries any text when its braces are doubled', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        const template = text.replaceAll('{', '{{').replaceAll('}', '}}');
        expect(parseTemplate(template)).toEqual({ ok: true, value: [{ kind: 'text', text }] });
      }),
    );
  });

  test('names any column in quotes', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const template = `{"${name.replaceAll('"', '""')}"}`;
        expect(parseTemplate(template)).toEqual({ ok: true, value: [{ kind: 'field', name }] });
      }),
    );
  });

  test('counts rows from 0', () => {
    expect(rowNumberAt({ plus: 0, modulo: 5 }, 7)).toBe(2);
    expect(rowNumberAt({ plus: 1, modulo: null }, 0)).toBe(1);
  });
});
