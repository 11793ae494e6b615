/** Extended regular expressions: what is not one, what they find, and that none of them takes long. */
import { describe, expect, it } from 'vitest';
import { compileEre } from './posix-ere.ts';

describe('what is no extended regular expression (IEEE 1003.1 §9.4)', () => {
  it.each([
    '',
    '*',
    '+a',
    '?',
    '{2}',
    'a{',
    'a{,2}',
    'a{2',
    'a{3,2}',
    'a{256}',
    'a**',
    'a+?',
    'a{2}{3}',
    '(',
    ')',
    'a)',
    '()',
    '(|a)',
    'a|',
    '|a',
    'a||b',
    '^*',
    '$+',
    '[',
    '[]',
    '[^]',
    '[a',
    '[b-a]',
    '[[:word:]]',
    '[[.a.]]',
    '[[=a=]]',
    '\\',
    '\\d',
    '\\1',
    '\\n',
    '(?:a)',
    '(?i)a',
    '(a+)+',
    '(a*b|c)*',
    '((a|b+){2})+',
    'a{255}{2}',
    '((a{255}){255})',
    '('.repeat(40) + 'a' + ')'.repeat(40),
    'a'.repeat(1025),
  ])('%s', (pattern) => {
    expect(compileEre(pattern)).toBeUndefined();
  });
});

describe('what is found', () => {
  it.each([
    ['b', 'abc', true],
    ['^b', 'abc', false],
    ['^abc$', 'abc', true],
    ['^abc$', 'abcd', false],
    ['^$', '', true],
    ['^$', 'a', false],
    ['a.c', 'a\u{1f600}c', true],
    ['a.c', 'ac', false],
    ['a|b|cd', 'xcd', true],
    ['^(a|b)c$', 'bc', true],
    ['a*', '', true],
    ['^a*$', 'aaab', false],
    ['^a+$', '', false],
    ['^ab?c$', 'ac', true],
    ['^a{2}$', 'aa', true],
    ['^a{2}$', 'aaa', false],
    ['^a{2,}$', 'aaaa', true],
    ['^a{2,}$', 'a', false],
    ['^a{1,3}$', 'aaa', true],
    ['^a{1,3}$', 'aaaa', false],
    ['^a{0,1}b$', 'b', true],
    ['^(ab){2}$', 'abab', true],
    ['^[^/]+$', 'a/b', false],
    ['^[]a]+$', ']a', true],
    ['^[a-]+$', 'a-a', true],
    ['^[\\]+$', '\\', true],
    ['^[[:alpha:]_]+$', 'abC_', true],
    ['^[[:digit:]]+$', '12a', false],
    ['^[[:xdigit:]]{4}$', 'BeeF', true],
    ['^[[]$', '[', true],
    ['^\\(\\.\\)$', '(.)', true],
    ['a]}', 'a]}', true],
    ['(^a|b)c', 'xbc', true],
    ['(^a|b)c', 'xac', false],
    ['x(a$|b)', 'xa', true],
    ['x(a$|b)', 'xac', false],
    ['^https://.*\\.example\\.com$', 'https://cdn.example.com', true],
    ['^https://.*\\.example\\.com$', 'https://example.com', false],
  ])('%s in %s: %s', (pattern, text, isFound) => {
    expect(compileEre(pattern)?.(text)).toBe(isFound);
  });

  it('is what another engine finds', () => {
    const patterns = ['a*b*a*c', '(a|ab)(c|bcd)(d*)', '^(a|b)*abb$', '[^a]b+', 'a{2,3}b|c{2}', '^a*a*a*$'];
    const texts = Array.from({ length: 400 }, (_, seed) =>
      Array.from(
        { length: seed % 9 },
        (__, index) => 'abcd'[(seed * 7 + index * (seed % 5) + index) % 4],
      ).join(''),
    );
    for (const pattern of patterns) {
      const engine = new RegExp(pattern);
      const found = compileEre(pattern);
      expect(texts.filter((text) => found?.(text) !== engine.test(text))).toEqual([]);
    }
  });

  // An engine that tries everything would need longer than the universe is old.
  it.each(['^(a|a)*$', '^a*a*a*a*a*a*a*a*a*a*b$', '(x|xx|xxx)*y$', '^(a?){200}a{200}$'])(
    '%s in a long text ends',
    (pattern) => {
      expect(compileEre(pattern)?.(`${'a'.repeat(2000)}!`)).toBe(false);
    },
  );
});
